/* server/base/clock.h - what time it is, for the rooms that may know */
#ifndef POSTREEVE_BASE_CLOCK_H
#define POSTREEVE_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_unix_seconds(void);
int64_t clock_monotonic_ms(void);

#endif
