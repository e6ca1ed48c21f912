"""The telephone: a real Asterisk, driven over ARI, whose calls join the same queue as everything else."""
