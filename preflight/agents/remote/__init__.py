"""Scripts that run on the targets under Python 3.6+, standard library only. Never imported by the engine."""
