"""What the synthetic residents are worth: are they found, can pain be learnt, is it the drawing."""
