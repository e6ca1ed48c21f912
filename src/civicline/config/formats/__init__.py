"""How dates are written where `civicline.config.words` does not write them: Django's own, with two mended.

Django's English is that of the United States ("11/24/2026 3:07 p.m."), which elsewhere is read as another day; its
Arabic names no form for a moment and takes the English one.
"""
