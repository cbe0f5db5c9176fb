"""Records and full texts from NCBI, by identifier and by search, politely and only when the user allows it."""
