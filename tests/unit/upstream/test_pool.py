"""The pool of idle connections."""

from headgate.upstream.pool import IdlePool


class Waiting:
    """An idle connection that remembers what became of it."""

    def __init__(self, usable=True):
        self.idle_since_s = 0.0
        self.dropped = False
        self._usable = usable

    def usable(self):
        return self._usable and not self.dropped

    def drop(self):
        self.dropped = True


def pool_of(*waiting, max_idle=10):
    """A pool that holds these, the last one given last."""
    pool = IdlePool(max_idle)
    for connection in waiting:
        pool.give(connection)
    return pool


def test_last_in_first_out():
    """The connection that was used last is the likeliest to live."""
    one, two = Waiting(), Waiting()
    pool = pool_of(one, two)

    assert [pool.take(), pool.take(), pool.take()] == [two, one, None]


def test_the_dead_are_passed_over():
    """What is known to be closed is never handed out."""
    one, dead = Waiting(), Waiting(usable=False)
    pool = pool_of(one, dead)

    assert pool.take() is one
    assert dead.dropped
    assert len(pool) == 0


def test_one_too_many_is_closed():
    """The pool has a bound; those that wait stay."""
    one, two = Waiting(), Waiting()
    pool = pool_of(one, two, max_idle=1)

    assert (one.dropped, two.dropped, len(pool)) == (False, True, 1)


def test_forget():
    """A lost connection is gone from the pool, whether it was there or not."""
    one = Waiting()
    pool = pool_of(one)
    pool.forget(one)
    pool.forget(one)

    assert pool.take() is None
    assert not one.dropped


def test_expire():
    """The first look stamps, a later one closes; a connection that was used in between starts anew."""
    old, young, used = Waiting(), Waiting(), Waiting()
    pool = pool_of(old, used)
    pool.expire(100.0, 30.0)
    assert pool.take() is used
    pool.give(young)
    pool.expire(120.0, 30.0)
    pool.give(used)
    pool.expire(130.0, 30.0)

    assert (old.dropped, young.dropped, used.dropped, len(pool)) == (True, False, False, 2)
    pool.expire(150.0, 30.0)
    assert (young.dropped, used.dropped) == (True, False)


def test_close():
    """All are closed, and so is what is given back later."""
    one, late = Waiting(), Waiting()
    pool = pool_of(one)
    pool.close()
    pool.give(late)

    assert (one.dropped, late.dropped, len(pool)) == (True, True, 0)
