from hypothesis import given, settings
from hypothesis import strategies as st

from ivigraph.visualizations.layout import place

BOX = st.tuples(st.integers(10, 180), st.integers(10, 80))


@st.composite
def networks(draw):
    boxes = {f"n{number}": box for number, box in enumerate(draw(st.lists(BOX, max_size=30)))}
    ends = st.sampled_from(list(boxes)) if boxes else st.nothing()
    return boxes, draw(st.lists(st.tuples(ends, ends), max_size=60)) if boxes else []


def overlapping(places, boxes):
    names = list(places)
    return [
        (a, b)
        for number, a in enumerate(names)
        for b in names[number + 1 :]
        if abs(places[a][0] - places[b][0]) < (boxes[a][0] + boxes[b][0]) / 2
        and abs(places[a][1] - places[b][1]) < (boxes[a][1] + boxes[b][1]) / 2
    ]


@settings(deadline=None, max_examples=40)
@given(networks())
def test_no_two_boxes_overlap_and_the_same_network_has_the_same_picture(network):
    boxes, edges = network
    places = place(boxes, edges)
    assert places.keys() == boxes.keys()
    assert overlapping(places, boxes) == []
    assert place(boxes, edges) == places


@settings(deadline=None, max_examples=20)
@given(networks(), st.integers(1, 12))
def test_what_is_added_moves_nothing_that_was_there_and_overlaps_none_of_it(network, number):
    boxes, edges = network
    before = place(boxes, edges)
    hub = next(iter(boxes), "hub")
    more = {**boxes, **{f"new{n}": (90, 40) for n in range(number)}}
    after = place(more, [*edges, *((hub, f"new{n}") for n in range(number))], fixed=before, around=hub)
    assert {node: after[node] for node in boxes} == before
    assert overlapping(after, more) == []


def test_neighbours_stand_closer_than_strangers():
    boxes = {f"{group}{n}": (60, 40) for group in "ab" for n in range(8)}
    edges = [(f"{group}0", f"{group}{n}") for group in "ab" for n in range(1, 8)]
    places = place(boxes, edges)

    def distance(one, other):
        return sum((p - q) ** 2 for p, q in zip(places[one], places[other], strict=True)) ** 0.5

    near = [distance(f"{group}0", f"{group}{n}") for group in "ab" for n in range(1, 8)]
    far = [distance("a0", f"b{n}") for n in range(8)]
    assert sum(near) / len(near) < sum(far) / len(far)
