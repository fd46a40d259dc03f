// What Swift cannot call: prctl takes variable arguments.
#ifndef C_PROCESS_H
#define C_PROCESS_H

// Keeps other processes of the same user from reading this one's memory, environment and open files, and from tracing
// it; no core is dumped either. Returns 0, or errno.
int mini_ci_process_seal(void);

#endif
