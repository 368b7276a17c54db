/* The system of philosophers.csp for SPIN: a rendezvous channel for each event, N by -DN=6. */
chan pick_own[N] = [0] of { bit };
chan pick_next[N] = [0] of { bit };
chan put_own[N] = [0] of { bit };
chan put_next[N] = [0] of { bit };

proctype Philosopher(byte i) {
think:
  skip;
  pick_own[i]!0;
  pick_next[i]!0;
  skip;                                     /* eats */
  put_next[i]!0;
  put_own[i]!0;
  skip;                                     /* leaves */
  goto think
}

/* Fork j is the own fork of philosopher j and the next fork of philosopher i. */
proctype Fork(byte j; byte i) {
  do
  :: pick_own[j]?_ -> put_own[j]?_
  :: pick_next[i]?_ -> put_next[i]?_
  od
}

init {
  byte k = 0;
  atomic {
    do
    :: k < N -> run Philosopher(k); run Fork(k, (k + N - 1) % N); k++
    :: else -> k = 0; break
    od
  }
}
