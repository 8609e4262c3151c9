/* server/outside/program.h - runs somebody's program, and never a shell
 *
 * WHAT    The file named by the first argument (an absolute path), with these arguments, the input as its standard input
 *         from first octet to end, and nothing else of ours: PATH, LANG=C.UTF-8 and what the caller adds for an
 *         environment, "/" for a directory, no open file but standard input, output and error, no signal blocked or ignored.
 *         Secrets go in by `input`, never by an argument. A program need not read it.
 * OWNS    `output` and `words` live as long as the task. Our copy of the input is wiped when the program has ended.
 * ENDS    DONE     it exited with 0.
 *         INVALID  it cannot ever succeed like this: no such file, not executable, or it exited with EX_USAGE (64),
 *                  EX_DATAERR (65), EX_NOPERM (77), EX_CONFIG (78), or 126 or 127 (what it wanted to run is not there).
 *         RETRY    any other exit, a signal, or the time was over: then its process group got SIGTERM, and SIGKILL two
 *                  seconds later. `status`, `signal` and `words` say which. No problem is on the task.
 *         A program that even so does not end (it became another user) is given up after two more.
 *         What a program that ended left running in the background goes on, unheard.
 */
#ifndef POSTREEVE_OUTSIDE_PROGRAM_H
#define POSTREEVE_OUTSIDE_PROGRAM_H

#include "base/task.h"

#define PROGRAM_OUTPUT_MAX 4096

struct program {
    struct texts arguments; /* [0]: the file */
    struct text input;
    int64_t seconds;
    struct texts environment; /* "NAME=value" each */
    int stop; /* a file that ends it when there is something to read, as if its time were over; 0: none */
};

struct program_end {
    int status;         /* its exit status; -1: it did not exit by itself, or was never started */
    int signal;         /* that ended it, or 0 */
    bool timed_out, stopped;
    bool output_cut;    /* there was more before `output` */
    struct text output; /* the last 4096 octets of standard output and error together, as UTF-8 without controls but
                         * tabs and line ends */
    struct text words;  /* what happened, for a person: "exited with 75" */
};

MUST_USE enum outcome program_run(struct task *t, const struct program *p, struct program_end *out);

#endif
