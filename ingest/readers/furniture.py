"""What stands on a page beside its article: menus, notices, buttons, quizzes, references, related articles.

The rules speak of the language of interfaces and of the shape of lists, never of a site, so that they hold for
saved pages as well as for what a reader copied from them.
"""

from __future__ import annotations

import re

from ivigraph.ingest.readers.lines import is_item, is_prose

# Words of interfaces that medical prose does not use; one in a short line is enough. These and the next are searched
# in lower case: that takes a third of the time of a search that ignores case.
_STRONG = re.compile(
    r"""\b(?:cookies?|newsletter|javascript|paywall|hashtag|podcast|webinar|permalink|
    sign(?:ed)?[ -]?(?:in|up)|log(?:ging|ged)?[ -]?(?:in|out|on)|subscri(?:be|ption)s?|unsubscribe|
    (?:privacy|cookie)\s(?:policy|notice|choices|settings|preferences)|privacy\spolicies|terms\s(?:of\s(?:use|service)|and\sconditions)|
    all\srights\sreserved|copyright(?:ed)?|creative\scommons|\bcc\sby|
    skip\sto|toggle|home\s?page|navigation|main\s(?:page\s)?content|access\skeys|official\swebsite|
    full[ -]text\s(?:links?|access|available|sources?)|access\sthe\s(?:paper|article|full\stext)|
    institutional\s(?:access|login)|
    through\syour\s(?:university|institution|library)|mobile\sapp|app\sstore|google\splay|1-tap|
    related\s(?:articles?|resources|content|posts|topics|links)|similar\sarticles|you\s(?:may|might)\s(?:also\s)?(?:like|be\sinterested)|
    (?:read|learn|show|view|see|load)\s(?:more|less|all)|back\sto\stop|(?:previous|next)\s(?:article|page|post)|
    share\s(?:this|on|via)|tweet|facebook|twitter|linkedin|whatsapp|instagram|youtube|reddit|
    add\sto\s(?:favou?rites|collections?|cart|saved|library)|saved\spapers|add\s(?:dis)?like|export\scitation|cite\sthis|citation\smanager|
    download\s(?:pdf|citation|article|figure)|open\sin\s(?:figure\sviewer|new\stab)|request\spermissions|reprints\sand\spermissions|
    advert(?:isement)?|sponsored\s(?:content|by|links?)|follow\sus|contact\sus|about\sus|
    your\s(?:account|dashboard|browser|email|learning)|my\s(?:account|bibliography|ncbi)|user\s?name|password|
    quiz(?:zes)?|cme\scredits?|earn\s(?:free\s)?credits?|claim\s(?:now|your)|learning\smodule|mark\s.{0,30}complete|correct\sanswer|
    encrypted|sensitive\sinformation|federal\sgovernment|disclaimer|accept\sall|manage\s(?:preferences|cookies))\b
    |https?://|www\.|\.gov\b|©""",
    re.VERBOSE,
)
# Words that interfaces and prose share; it takes two of them in a short line.
_WEAK = re.compile(
    r"\b(?:click(?:ing)?|tap|websites?|web\s?sites?|search|menu|share|sharing|print|e-?mail|download|help|faqs?"
    r"|page|site|"
    r"links?|app|online|register|account|alerts?|rss|feedback|submit|edit|close|save|saved|home|pdf|comments|topics|"
    r"journals?|issues?|access|browse|next|previous|free|settings|language|https?|image|icon|purchase|buy|visit)\b"
)
# A page that speaks of itself, however long the sentence.
_ABOUT_ITSELF = re.compile(
    r"^(?:this|our|the) (?:quiz|module|website|web ?site|page|web page|site|course|activity|lesson|service|app)\b"
    r"|^(?:successful )?completion of (?:this|the) ",
    re.IGNORECASE,
)
_WORDS_PER_HIT = 14  # a strong word in a longer line does not make it furniture: trials name the website they used
_LONGEST_NOTICE = 1500  # characters; a longer paragraph is text, whatever words it uses
_SHORT = 6

# A reference: year;volume(issue):pages, or a numbered line with a year and a volume.
_REFERENCE = re.compile(
    r"(?:19|20)\d\d(?:\s\w{3}(?:\s\d{1,2})?)?;\s?\d+(?:\s?\([^)]{1,12}\))?\s?:\s?\w?\d+"
    r"|^\s*(?:\[?\d{1,3}[.\]]|[-•])\s.{10,240}\b(?:19|20)\d\d\b.{0,60}(?:\d+[-–]\d+|\bed(?:n|ition)?\b|elsevier"
    r"|springer|wiley|doi)"
    r"|\bdoi\.org/10\.\S+\s*$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:\d{1,3}[.)]\s*|q(?:uestion)?\s*\d*[.:)]?\s*)?.*\b(?:which (?:one )?of the following|select (?:one|all)|"
    r"true or false|choose the (?:best|correct)|all of the following|what is the (?:most|best|correct))\b.*[?:]?$"
    r"|^question \d+\b.*$",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"^(?:\(?[a-hA-H][.)]|[○◯□☐●])\s+\S|^(?:true|false|none of the above|all of the above)\.?$", re.IGNORECASE
)
_KEY_VALUE = re.compile(
    r"^(?:[•*-]\s*)?(?:doi|pmid|pmcid|release date|last (?:updated|reviewed|modified)|time to complete"
    r"|published(?: online)?"
    r"|received|accepted|"
    r"revised|first published|posted|updated|e?pub|available online|reading time|views?|downloads?|citations?"
    r"|altmetric|"
    r"issn|isbn|corresponding author|correspondence(?: to)?|affiliations?|author information|edited by"
    r"|reviewed by|medically reviewed by|"
    r"volume|pages?|share|tags?|categories|filed under)\b\s*[:(0-9]",
    re.IGNORECASE,
)

# Headings after which nothing of the article follows, unless a heading of an article comes again.
_AFTER = re.compile(
    r"^(?:\W|\d)*(?:references?(?: list| cited| and notes)?|sources|bibliography|literature(?: cited)?"
    r"|further reading|linkout.*|"
    r"related (?:articles?|resources|content|posts|topics|reading|links|information|stories|pages).*"
    r"|similar (?:articles|cases|papers).*|"
    r"you (?:may|might) also .*|people also .*|recommended(?: for you| articles| reading)?|more (?:from|like|in"
    r"|on|articles).*|most (?:read|viewed|popular|cited).*|"
    r"trending.*|popular (?:articles|posts)|see also|cited by.*|citing articles|full[ -]text (?:links?|sources)"
    r"|substances|mesh terms|"
    r"publication types?|grant support|supplementary (?:info|information|material|concepts?).*"
    r"|comments|comments? (?:in|on)|leave a (?:comment|reply).*|"
    r"figures?(?: and tables)?|pubmed disclaimer|disclaimer|conflicts? of interest.*|competing interests?"
    r"|declaration of .*interests?|disclosures?|"
    r"funding(?: sources| information)?|acknowledge?ments?|author(?:s['’]?)? (?:contributions?|information"
    r"|affiliations?)|authors?|contributors|about the authors?|"
    r"consent(?: for publication| statement)?|ethic(?:s|al) (?:approval|statement|considerations?).*"
    r"|data availability.*|availability of data.*|abbreviations|"
    r"rights and permissions|copyright.*|share this.*|footnotes?|notes|appendix|miscellaneous"
    r"|newsletter.*|tags|quiz|test your knowledge|"
    r"latest (?:news|articles|posts).*|follow us.*|contact us|site map|legal|provenance and peer review"
    r"|associated data|actions|permalink)\s*[:.]?$",
    re.IGNORECASE,
)
# Headings of an article that may come back after such a section, and that open it.
ARTICLE_HEADING = re.compile(
    r"^(?:\d+\.?\d*\.?\s*)?(?P<name>abstract|summary|synopsis|introduction|background|objectives?|aims?|purpose"
    r"|importance|context|rationale|"
    r"(?:materials?|patients?|subjects?)(?: and|,| &) methods?|methods?|methodology|design|setting|participants"
    r"|interventions?|"
    r"main outcomes?(?: and measures?)?|case(?: report| presentation| description| history| summary| study"
    r"| series|s)?(?: \d+)?|"
    r"clinical (?:presentation|findings|case|course|observations?|discussion)|patient (?:information|concerns?"
    r"|presentation)|"
    r"(?:patient|observation)(?: \d+)?|presentation of case|diagnos[ie]s|therapeutic interventions?|outcomes?"
    r"|follow[- ]up|"
    r"results?(?: and (?:discussion|conclusions?))?|findings|discussion|comment|interpretation|lessons?(?: learned)?"
    r"|learning points|key points|"
    r"conclusions?|limitations|significance|indications?|contraindications?|dosage(?: and administration)?|dosing"
    r"|side effects|adverse (?:effects|events|reactions)|"
    r"mechanisms? of action|interactions?|precautions|warnings(?: and precautions)?|keywords"
    r"|key words)\s*(?P<colon>[:.]?)",
    re.IGNORECASE,
)


def is_interface(line: str) -> bool:
    """Whether the line speaks of the page, its buttons or its publisher instead of the subject."""
    if _ABOUT_ITSELF.match(line):
        return True
    if len(line) > _LONGEST_NOTICE:
        return False
    words = line.count(" ") + 1
    lower = line.lower()
    strong = len(_STRONG.findall(lower))
    hits = 2 * strong + len(_WEAK.findall(lower))
    if words <= _SHORT and not line.endswith("."):
        return hits >= 1 and (strong > 0 or hits * 2 >= words)
    return hits >= 2 and hits * _WORDS_PER_HIT >= 2 * words and (strong > 0 or hits * 5 >= words)


def is_reference(line: str) -> bool:
    return len(line) < 600 and _REFERENCE.search(line) is not None


def is_record(line: str) -> bool:
    """Whether the line is a field of the page's record: a date, an address, a count of views."""
    return len(line) < 300 and _KEY_VALUE.match(line) is not None


def is_article_heading(line: str) -> bool:
    match = ARTICLE_HEADING.match(line)
    return match is not None and (match.end() == len(line) or bool(match["colon"]))


def ends_article(line: str) -> bool:
    return len(line) < 80 and _AFTER.match(line) is not None


def without_furniture(lines: list[str]) -> list[str]:
    """The lines of an article's body, from its first one on."""
    return _without_runs(_without_quiz(_without_back(lines)))


def _without_back(lines: list[str]) -> list[str]:
    """Cut every section that follows the article, up to the next heading that an article has."""
    kept: list[str] = []
    cut = False
    for number, line in enumerate(lines):
        if ends_article(line):
            cut = True
        elif cut and is_article_heading(line):
            # A heading comes back only with text behind it; "Abstract" in a menu of sections does not.
            following = lines[number + 1] if number + 1 < len(lines) else ""
            cut = not (is_prose(line) or is_prose(following))
        if not cut and not is_interface(line) and not is_reference(line) and not is_record(line):
            kept.append(line)
    return kept


def _without_quiz(lines: list[str]) -> list[str]:
    """Questions go with the options that follow them: an option is no statement."""
    kept: list[str] = []
    asked = False
    for line in lines:
        if len(line) < 600 and _QUESTION.match(line):
            asked = True
        elif asked and (_OPTION.match(line) or (is_item(line) and not is_prose(line))):
            continue
        else:
            asked = False
            kept.append(line)
    return kept


def _without_runs(lines: list[str]) -> list[str]:
    """Runs of short lines are menus, unless a line introduces them as a list."""
    kept: list[str] = []
    run: list[str] = []
    for line in [*lines, ""]:
        if line and _is_label(line):
            run.append(line)
            continue
        introduced = bool(kept) and (kept[-1].endswith(":") or (bool(run) and is_item(run[0])))
        if len(run) < _MENU or introduced:
            kept += run
        run = []
        if line:
            kept.append(line)
    return kept


_MENU = 4  # short lines in a row; an article has a heading and a subheading, rarely a third


def _is_label(line: str) -> bool:
    return line.count(" ") < 5 and not line.endswith((".", ":", ";", "?", "!")) and not is_article_heading(line)
