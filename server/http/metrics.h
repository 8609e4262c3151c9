/* server/http/metrics.h - what was answered, how often and how fast, as Prometheus reads it
 *
 * WHAT    A series per route: answers by class of status and a histogram of durations. Routes are labelled by
 *         their pattern, never by a path: an address in a label would be personal data, and a series without
 *         end.
 * THREAD  Any; counting takes no lock.
 */
#ifndef POSTREEVE_HTTP_METRICS_H
#define POSTREEVE_HTTP_METRICS_H

#include "base/task.h"

struct series_label {
    const char *method, *route;
};

struct gauge {
    const char *name, *help;
    int64_t value;
};

struct metrics;
/* `labels` must outlive it; a series is known by its place there. */
struct metrics *metrics_open(const struct series_label *labels, size_t count);
void metrics_close(struct metrics *m);

int64_t metrics_now_us(void);
void metrics_began(struct metrics *m);
void metrics_ended(struct metrics *m); /* the client has its answer, or is gone */
size_t metrics_in_flight(struct metrics *m);
void metrics_answered(struct metrics *m, size_t series, unsigned status, int64_t took_us);

struct text metrics_text(struct metrics *m, struct task *t, const struct gauge *gauges, size_t count);

#endif
