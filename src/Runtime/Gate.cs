#if NET9_0_OR_GREATER
global using Gate = System.Threading.Lock;
#else
global using Gate = object;
#endif

// What short state machines lock on: the runtime's own lock where there is one, which costs a third less than a monitor.
