"""Programs that are carried away with an audit pack; none of ours is needed to run them."""
