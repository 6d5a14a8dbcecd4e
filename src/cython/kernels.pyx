# distutils: language = c++
# cython: language_level=3, freethreading_compatible=True
"""placeholder"""
