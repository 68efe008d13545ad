"""What a textually clean merge may have broken all the same: detectors over the four trees of a merge."""
