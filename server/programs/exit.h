/* server/programs/exit.h - the one translation of outcomes into exit codes (sysexits.h) */
#ifndef POSTREEVE_PROGRAMS_EXIT_H
#define POSTREEVE_PROGRAMS_EXIT_H

#include "base/outcome.h"

#include <sysexits.h>

static const int exit_codes[OUTCOMES] = {
    [DONE] = EX_OK,           [INVALID] = EX_DATAERR,   [STRANGER] = EX_NOPERM, [DENIED] = EX_NOPERM,
    [MISSING] = EX_NOUSER,    [CONFLICT] = EX_CANTCREAT, [STALE] = EX_CANTCREAT, [BUSY] = EX_TEMPFAIL,
    [RETRY] = EX_TEMPFAIL,    [BROKEN] = EX_SOFTWARE,
};

#endif
