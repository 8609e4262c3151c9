/* server/http/metrics.c */
#include "http/metrics.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CLASSES 5 /* 1xx to 5xx */
#define PREFIX "postreeve_http_"

static const int64_t bounds_us[] = { 500,   1000,   2500,   5000,   10000,   25000,
                                     50000, 100000, 250000, 500000, 1000000, 2500000 };

struct series {
    atomic_uint_fast64_t by_class[CLASSES], buckets[COUNT(bounds_us) + 1], sum_us;
};

struct metrics {
    const struct series_label *labels;
    size_t count;
    atomic_size_t in_flight;
    struct series series[];
};

struct metrics *metrics_open(const struct series_label *labels, size_t count)
{
    struct metrics *m = calloc(1, sizeof *m + count * sizeof m->series[0]);

    if (!m) {
        log_line(LOG_FAULT, "out of memory");
        abort();
    }
    m->labels = labels;
    m->count = count;
    return m;
}

void metrics_close(struct metrics *m)
{
    free(m);
}

int64_t metrics_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void metrics_began(struct metrics *m)
{
    atomic_fetch_add(&m->in_flight, 1);
}

void metrics_ended(struct metrics *m)
{
    atomic_fetch_sub(&m->in_flight, 1);
}

size_t metrics_in_flight(struct metrics *m)
{
    return atomic_load(&m->in_flight);
}

void metrics_answered(struct metrics *m, size_t series, unsigned status, int64_t took_us)
{
    struct series *s = &m->series[series];
    unsigned class = status / 100;
    size_t bucket = 0;

    while (bucket < COUNT(bounds_us) && took_us > bounds_us[bucket])
        bucket++;
    if (class >= 1 && class <= CLASSES)
        atomic_fetch_add_explicit(&s->by_class[class - 1], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->sum_us, (uint_fast64_t)took_us, memory_order_relaxed);
}

static void print_labels(FILE *to, const struct series_label *l)
{
    fprintf(to, "{method=\"%s\",route=\"%s\"", l->method, l->route);
}

static void print_counts(FILE *to, const struct series_label *l, struct series *s)
{
    for (unsigned class = 0; class < CLASSES; class++) {
        uint64_t count = atomic_load(&s->by_class[class]);

        if (!count)
            continue;
        fputs(PREFIX "requests_total", to);
        print_labels(to, l);
        fprintf(to, ",status=\"%uxx\"} %" PRIu64 "\n", class + 1, count);
    }
}

static void print_durations(FILE *to, const struct series_label *l, struct series *s)
{
    uint64_t below = 0;

    for (size_t i = 0; i <= COUNT(bounds_us); i++) {
        below += atomic_load(&s->buckets[i]);
        fputs(PREFIX "request_duration_seconds_bucket", to);
        print_labels(to, l);
        if (i < COUNT(bounds_us))
            fprintf(to, ",le=\"%g\"} %" PRIu64 "\n", (double)bounds_us[i] / 1e6, below);
        else
            fprintf(to, ",le=\"+Inf\"} %" PRIu64 "\n", below);
    }
    fputs(PREFIX "request_duration_seconds_sum", to);
    print_labels(to, l);
    fprintf(to, "} %.6f\n", (double)atomic_load(&s->sum_us) / 1e6);
    fputs(PREFIX "request_duration_seconds_count", to);
    print_labels(to, l);
    fprintf(to, "} %" PRIu64 "\n", below);
}

/* A series that was never used says nothing. */
static bool is_used(struct series *s)
{
    for (size_t i = 0; i <= COUNT(bounds_us); i++)
        if (atomic_load(&s->buckets[i]))
            return true;
    return false;
}

static void print_all(struct metrics *m, FILE *to, const struct gauge *gauges, size_t count)
{
    fputs("# HELP " PREFIX "requests_total Requests answered.\n"
          "# TYPE " PREFIX "requests_total counter\n", to);
    for (size_t i = 0; i < m->count; i++)
        print_counts(to, &m->labels[i], &m->series[i]);
    fputs("# HELP " PREFIX "request_duration_seconds From the whole request to the answer.\n"
          "# TYPE " PREFIX "request_duration_seconds histogram\n", to);
    for (size_t i = 0; i < m->count; i++)
        if (is_used(&m->series[i]))
            print_durations(to, &m->labels[i], &m->series[i]);
    for (size_t i = 0; i < count; i++)
        fprintf(to, "# HELP postreeve_%s %s\n# TYPE postreeve_%s gauge\npostreeve_%s %" PRId64 "\n",
                gauges[i].name, gauges[i].help, gauges[i].name, gauges[i].name, gauges[i].value);
}

struct text metrics_text(struct metrics *m, struct task *t, const struct gauge *gauges, size_t count)
{
    char *at = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&at, &length);
    struct text whole;

    if (!to)
        return TEXT("");
    print_all(m, to, gauges, count);
    fclose(to);
    whole = task_copy(t, (struct text){ at, length });
    free(at);
    return whole;
}
