"""Practice worlds: a village and an office, paired, with synthetic households."""
