/* tests/http/test_worker.c - the queue: order, its end, answers kept back, and the stop */
#include "support/support.h"

#include "base/clock.h"
#include "http/worker.h"

#include <pthread.h>
#include <string.h>

#define JOBS 16
#define HELD_MS 40

struct trial {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool gate_shut;          /* run() waits while it is */
    size_t running, finished;
    struct work {
        struct job job;      /* first */
        int64_t hold_ms, finished_ms;
        size_t place;        /* among the finished; from 1 */
    } works[JOBS];
};

static void run(void *context, struct job *j)
{
    struct trial *c = context;
    struct work *w = (struct work *)(void *)j;

    pthread_mutex_lock(&c->lock);
    c->running++;
    pthread_cond_broadcast(&c->changed);
    while (c->gate_shut)
        pthread_cond_wait(&c->changed, &c->lock);
    c->running--;
    pthread_mutex_unlock(&c->lock);
    if (w->hold_ms)
        j->due_ms = clock_monotonic_ms() + w->hold_ms;
}

static void finish(void *context, struct job *j)
{
    struct trial *c = context;
    struct work *w = (struct work *)(void *)j;

    pthread_mutex_lock(&c->lock);
    w->place = ++c->finished;
    w->finished_ms = clock_monotonic_ms();
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

static void trial_init(struct trial *c)
{
    memset(c, 0, sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
}

static void gate(struct trial *c, bool shut)
{
    pthread_mutex_lock(&c->lock);
    c->gate_shut = shut;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

static void wait_for(struct trial *c, const size_t *count, size_t wanted)
{
    pthread_mutex_lock(&c->lock);
    while (*count < wanted)
        pthread_cond_wait(&c->changed, &c->lock);
    pthread_mutex_unlock(&c->lock);
}

static struct workers *workers_of(struct trial *c, size_t threads, size_t queue)
{
    struct workers_plan plan = {
        .threads = threads, .queue = queue, .run = run, .finish = finish, .context = c,
    };
    struct workers *w = workers_open(&plan);

    assert_non_null(w);
    return w;
}

static void jobs_run_in_order(void **state)
{
    struct trial c;
    struct workers *w;

    (void)state;
    trial_init(&c);
    w = workers_of(&c, 1, JOBS);
    for (size_t i = 0; i < JOBS; i++)
        assert_true(workers_offer(w, &c.works[i].job));
    wait_for(&c, &c.finished, JOBS);
    for (size_t i = 0; i < JOBS; i++) {
        assert_int_equal(c.works[i].place, i + 1);
        assert_true(c.works[i].job.ran);
    }
    workers_stop(w, 0);
    workers_close(w);
}

static void a_full_queue_declines(void **state)
{
    struct workers_figures f;
    struct trial c;
    struct workers *w;

    (void)state;
    trial_init(&c);
    gate(&c, true);
    w = workers_of(&c, 2, 3);
    for (size_t i = 0; i < 2; i++) {
        assert_true(workers_offer(w, &c.works[i].job));
        wait_for(&c, &c.running, i + 1);
    }
    for (size_t i = 2; i < 5; i++)
        assert_true(workers_offer(w, &c.works[i].job));
    assert_false(workers_offer(w, &c.works[5].job));
    f = workers_figures(w);
    assert_int_equal(f.running, 2);
    assert_int_equal(f.waiting, 3);
    gate(&c, false);
    wait_for(&c, &c.finished, 5);
    assert_true(workers_offer(w, &c.works[5].job));
    wait_for(&c, &c.finished, 6);
    workers_stop(w, 0);
    workers_close(w);
}

static void an_answer_kept_back_stops_nobody(void **state)
{
    static const int64_t holds[] = { 3 * HELD_MS, HELD_MS, 2 * HELD_MS, 0 };
    static const size_t places[] = { 4, 2, 3, 1 };
    int64_t began = clock_monotonic_ms();
    struct trial c;
    struct workers *w;

    (void)state;
    trial_init(&c);
    w = workers_of(&c, 1, JOBS);
    for (size_t i = 0; i < COUNT(holds); i++) {
        c.works[i].hold_ms = holds[i];
        assert_true(workers_offer(w, &c.works[i].job));
    }
    wait_for(&c, &c.finished, COUNT(holds));
    for (size_t i = 0; i < COUNT(holds); i++) {
        assert_int_equal(c.works[i].place, places[i]);
        assert_true(c.works[i].finished_ms - began >= holds[i]);
    }
    workers_stop(w, 0);
    workers_close(w);
}

static void a_stop_finishes_everything_once(void **state)
{
    struct trial c;
    struct workers *w;

    (void)state;
    trial_init(&c);
    w = workers_of(&c, 1, JOBS);
    c.works[0].hold_ms = 3600000;
    assert_true(workers_offer(w, &c.works[0].job));
    assert_true(workers_offer(w, &c.works[1].job));
    wait_for(&c, &c.finished, 1); /* the second, which came after the first was put aside */
    workers_stop(w, 1);
    assert_int_equal(c.finished, 2);
    assert_false(workers_offer(w, &c.works[2].job));
    workers_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_run_in_order), cmocka_unit_test(a_full_queue_declines),
        cmocka_unit_test(an_answer_kept_back_stops_nobody), cmocka_unit_test(a_stop_finishes_everything_once),
    };

    return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
