"""A bidder's former employee, within three years of leaving it and a day after them."""

from flags.buying import dealing, interest

FLAGGED = dealing(interests={"officer": [interest("EMPLOYMENT", "PRO", "2023-03-01")]})
CLEAR = dealing(interests={"officer": [interest("EMPLOYMENT", "PRO", "2023-02-28")]})
