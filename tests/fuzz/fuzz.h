/* tests/fuzz/fuzz.h - what the targets share
 *
 * WHAT    A target is a file with fuzz_one(): it feeds octets to one reader of ours, and holds what it gives to what its header
 *         promises. libFuzzer looks for octets that crash it, break a promise, or take too long.
 */
#ifndef POSTREEVE_TESTS_FUZZ_H
#define POSTREEVE_TESTS_FUZZ_H

#include "base/task.h"

#define HOLDS(promise)                                     \
    do {                                                   \
        if (!(promise))                                    \
            fuzz_broken(__FILE__, __LINE__, #promise);     \
    } while (0)
_Noreturn void fuzz_broken(const char *file, int line, const char *promise);

/* Everything it allocates ends with the task. */
void fuzz_one(struct task *t, struct text input);
/* Once, before the first. */
void fuzz_start(void);

/* The part of the input before the next NUL, which is taken off it. */
struct text fuzz_take(struct text *input);

#endif
