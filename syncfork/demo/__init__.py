"""A small world to try syncfork in: an upstream and its fork, made from the text under `history`."""
