/* tests/service/test_parallel.c - several at once: the last place goes to one, deadlocks are run again, and a connection
 * that went away is not the caller's affair */
#include "service/world.h"

#include "model/totp.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS 12
#define RUNNERS 4

struct runner { /* a world of its own around the same service */
    struct world w;
    struct ask ask;
    int times;
    enum outcome ended;
    const char *problem;
    pthread_barrier_t *start;
};

static void *run(void *it)
{
    struct runner *r = it;

    pthread_barrier_wait(r->start);
    for (int i = 0; i < r->times; i++) {
        enum outcome o = world_ask(&r->w, &r->ask);

        if (i == 0 || o != DONE)
            r->ended = o;
    }
    r->problem = task_problems(r->w.t) ? task_problems(r->w.t)->kind->code : "none";
    task_close(r->w.t);
    mysql_thread_end();
    return NULL;
}

static void run_all(struct world *w, struct runner *runners, size_t count, int times)
{
    pthread_t threads[RUNNERS];
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        runners[i].w = *w;
        runners[i].w.t = NULL;
        runners[i].times = times;
        runners[i].start = &start;
        assert_int_equal(pthread_create(&threads[i], NULL, run, &runners[i]), 0);
    }
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
}

#define LIMIT_DOMAIN(set) "UPDATE domain SET " set " WHERE domain = 'own.example'"
#define MAILBOX(name, more) \
    { .as = &dora, .verb = "mailbox.create", \
      .body = "{\"address\": \"" name "@own.example\", \"password\": \"another staple 2\"" more "}" }
#define ALIAS(name, to) \
    { .as = &dora, .verb = "alias.create", \
      .body = "{\"address\": \"" name "@own.example\", \"destinations\": [\"" to "\"]}" }
#define OTHER_SUPERS_GONE "DELETE FROM admin WHERE superadmin = 1 AND username <> 'super@root.example';"
#define TWO_SUPERS OTHER_SUPERS_GONE                                                            \
    "INSERT INTO admin (username, password, superadmin) VALUES ('second@root.example', '', 1)"
static const struct actor second = { .role = ROLE_SUPER_ADMIN, .username = { "second@root.example", 19 },
                                     .source = { "192.0.2.1", 9 }, .via = "browser", .language = { "en", 2 } };

/* Any of them may be the one that succeeds; the others are told why not. */
static const struct {
    const char *what, *before;
    struct ask asks[RUNNERS];
    enum outcome lost;
    const char *problem;
} contests[] = {
    { "the last mailbox", LIMIT_DOMAIN("mailboxes = 4"),
      { MAILBOX("a", ""), MAILBOX("b", ""), MAILBOX("c", ""), MAILBOX("d", "") }, INVALID, "mailbox_limit_reached" },
    { "the last alias", LIMIT_DOMAIN("aliases = 4"),
      { ALIAS("a", "x@y.example"), ALIAS("b", "x@y.example"), ALIAS("c", "x@y.example"), ALIAS("d", "x@y.example") },
      INVALID, "alias_limit_reached" },
    { "the last of the domain's quota", LIMIT_DOMAIN("quota = 10"),
      { MAILBOX("a", ", \"quota_bytes\": 6000000"), MAILBOX("b", ", \"quota_bytes\": 6000000"),
        MAILBOX("c", ", \"quota_bytes\": 6000000"), MAILBOX("d", ", \"quota_bytes\": 6000000") },
      INVALID, "domain_quota_exceeded" },
    { "one address", NULL,
      { MAILBOX("a", ""), ALIAS("a", "x@y.example"), MAILBOX("a", ""), ALIAS("a", "z@y.example") }, CONFLICT, "taken" },
    { "a circle of aliases", NULL,
      { ALIAS("a", "b@own.example"), ALIAS("b", "a@own.example") }, INVALID, "loop" },
    { "a circle of alias domains", NULL,
      { { .as = &super, .verb = "alias-domain.create",
          .body = "{\"alias_domain\": \"own-fresh.example\", \"target_domain\": \"other-fresh.example\"}" },
        { .as = &super, .verb = "alias-domain.create",
          .body = "{\"alias_domain\": \"other-fresh.example\", \"target_domain\": \"own-fresh.example\"}" } },
      INVALID, NULL },
    { "the last super admin", TWO_SUPERS,
      { { .as = &super, .verb = "admin.update", .key = "second@root.example", .body = "{\"active\": false}" },
        { .as = &second, .verb = "admin.update", .key = "super@root.example", .body = "{\"super_admin\": false}" } },
      CONFLICT, "last_super_admin" },
    { "one domain", NULL,
      { { .as = &super, .verb = "domain.create", .body = "{\"domain\": \"new.example\"}" },
        { .as = &second, .verb = "domain.create", .body = "{\"domain\": \"new.example\"}" } },
      CONFLICT, "taken" },
};

/* One code, one recovery code: whoever is first comes in, and nobody else. */
static void a_code_lets_one_in(void **state)
{
    struct world *w = *state;
    struct runner runners[RUNNERS];

    for (int round = 0; round < ROUNDS; round++) {
        bool recovery = round % 2;
        struct task *t = task_open();
        const char *otp = recovery ? "aaaaa-aaaaa" : world_code(t, SEED, 0);
        const char *body = task_printf(t, "{\"username\": \"plain@own.example\", \"password\": \"" PASSWORD
                                          "\", \"otp\": \"%s\"}", otp).at;
        int in = 0;

        world_reset(state);
        scratch_run(w->db, "UPDATE mailbox SET totp_secret = '" SEED "' WHERE username = 'plain@own.example';"
                           "INSERT INTO postreeve_recovery_code (account, username, digest)"
                           " VALUES ('mailbox', 'plain@own.example', '%s')",
                    recovery_code_digest(t, NULL, TEXT("aaaaaaaaaa")).at);
        for (size_t i = 0; i < RUNNERS; i++)
            runners[i] = (struct runner){ .ask = { .as = &nobody, .verb = "session.create", .body = body } };
        run_all(w, runners, RUNNERS, 1);
        for (size_t i = 0; i < RUNNERS; i++) {
            in += runners[i].ended == DONE;
            if (runners[i].ended != DONE) {
                assert_int_equal(runners[i].ended, STRANGER);
                assert_string_equal(runners[i].problem, "otp_wrong");
            }
        }
        assert_int_equal(in, 1);
        assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_session"), 1);
        task_close(t);
    }
}

static size_t fill(struct runner *runners, const struct ask *asks)
{
    size_t count = 0;

    for (; count < RUNNERS && asks[count].verb; count++)
        runners[count] = (struct runner){ .ask = asks[count] };
    return count;
}

static void exactly_one_gets_the_last_place(void **state)
{
    struct world *w = *state;
    struct runner runners[RUNNERS];

    for (size_t i = 0; i < COUNT(contests); i++)
        for (int round = 0; round < ROUNDS; round++) {
            size_t count, done = 0;

            if (round == 0)
                print_message("  %s\n", contests[i].what);
            world_reset(state);
            if (contests[i].before)
                scratch_run(w->db, "%s", contests[i].before);
            count = fill(runners, contests[i].asks);
            run_all(w, runners, count, 1);
            for (size_t n = 0; n < count; n++) {
                done += runners[n].ended == DONE;
                if (runners[n].ended == DONE)
                    continue;
                assert_int_equal(runners[n].ended, contests[i].lost);
                if (contests[i].problem)
                    assert_string_equal(runners[n].problem, contests[i].problem);
            }
            assert_int_equal(done, 1);
            assert_int_equal(log_rows(w), 1);
        }
}

/* Rows locked in either order: InnoDB ends one of the two every now and then, and nobody notices. */
static void deadlocks_are_run_again(void **state)
{
    struct world *w = *state;
    struct runner runners[2] = {
        { .ask = { .as = &super, .verb = "admin.update", .key = "dora@own.example",
                   .body = "{\"domains\": [\"own.example\", \"other.example\"]}" } },
        { .ask = { .as = &super, .verb = "admin.update", .key = "deputy@own.example",
                   .body = "{\"domains\": [\"other.example\", \"own.example\"]}" } },
    };

    run_all(w, runners, 2, 60);
    assert_int_equal(runners[0].ended, DONE);
    assert_int_equal(runners[1].ended, DONE);
    assert_int_equal(log_rows(w), 120);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM domain_admins WHERE username LIKE 'd%%'"), 4);
}

static void a_domain_is_not_filled_while_it_is_deleted(void **state)
{
    struct world *w = *state;

    for (int round = 0; round < ROUNDS; round++) {
        struct runner runners[3] = {
            { .ask = { .as = &super, .verb = "domain.delete", .key = "own-fresh.example" } },
            { .ask = { .as = &super, .verb = "mailbox.create",
                       .body = "{\"address\": \"a@own-fresh.example\", \"password\": \"another staple 2\"}" } },
            { .ask = { .as = &super, .verb = "alias.create",
                       .body = "{\"address\": \"b@own-fresh.example\", \"destinations\": [\"x@y.example\"]}" } },
        };

        world_reset(state);
        run_all(w, runners, 3, 1);
        assert_int_equal(runners[0].ended, DONE);
        for (size_t i = 1; i < 3; i++)
            assert_true(runners[i].ended == DONE || strcmp(runners[i].problem, "no_such_domain") == 0);
        assert_int_equal(scratch_number(w->db, "SELECT (SELECT COUNT(*) FROM mailbox WHERE domain = 'own-fresh.example')"
                                               " + (SELECT COUNT(*) FROM alias WHERE domain = 'own-fresh.example')"), 0);
    }
}

static void every_failure_counts(void **state)
{
    struct world *w = *state;
    struct runner runners[RUNNERS];

    for (size_t i = 0; i < RUNNERS; i++)
        runners[i] = (struct runner){ .ask = { .as = &nobody, .verb = "session.create",
                                               .body = "{\"username\": \"plain@own.example\", \"password\": \"x\"}" } };
    run_all(w, runners, RUNNERS, 10);
    for (size_t i = 0; i < RUNNERS; i++)
        assert_int_equal(runners[i].ended, STRANGER);
    assert_int_equal(scratch_number(w->db, "SELECT MIN(failures) FROM postreeve_throttle"), RUNNERS * 10);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_throttle"), 4);
}

/* Log-ins that succeed sweep the table that others count in. */
static void log_ins_do_not_get_in_each_others_way(void **state)
{
    struct world *w = *state;
    struct runner runners[RUNNERS];

    for (size_t i = 0; i < RUNNERS; i++)
        runners[i] = (struct runner){ .ask = { .as = &nobody, .verb = "session.create",
                                               .body = i & 1 ? "{\"username\": \"x@own.example\", \"password\": \"x\"}"
                                                             : "{\"username\": \"plain@own.example\","
                                                               " \"password\": \"" PASSWORD "\"}" } };
    scratch_run(w->db, "INSERT INTO postreeve_throttle SELECT CONCAT('old', seq), 1, '2026-01-01' FROM seq_1_to_500");
    run_all(w, runners, RUNNERS, 15);
    for (size_t i = 0; i < RUNNERS; i++)
        assert_int_equal(runners[i].ended, i & 1 ? STRANGER : DONE);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_session"), 30);
    assert_int_equal(log_rows(w), 30);
}

static void kill_all_connections(struct world *w)
{
    static const char all[] = "SELECT COUNT(*) FROM information_schema.processlist"
                              " WHERE db = DATABASE() AND id <> CONNECTION_ID()";
    struct task *t = task_open();
    long long id;

    while ((id = scratch_number(w->db, "SELECT COALESCE(MIN(id), 0) FROM information_schema.processlist"
                                       " WHERE db = DATABASE() AND id <> CONNECTION_ID() AND command <> 'Killed'"))) {
        char gone[128];

        scratch_run(w->db, "KILL %lld", id);
        snprintf(gone, sizeof gone, "SELECT COUNT(*) FROM information_schema.processlist WHERE id = %lld", id);
        scratch_await(w->db, 0, 10, gone);
    }
    scratch_await(w->db, 0, 10, all);
    task_close(t);
}

/* A server that was restarted, or closed idle connections: the next request opens a new one and does its work. */
static void a_lost_connection_is_not_the_callers_affair(void **state)
{
    static const struct ask asks[] = {
        { .as = &dora, .verb = "mailbox.list", .domain = "own.example" },
        { .as = &dora, .verb = "mailbox.update", .key = "plain@own.example", .body = "{\"display_name\": \"x\"}" },
        { .as = &user, .verb = "me.set-forward", .body = "{\"destinations\": [\"x@y.example\"]}" },
        { .as = &user, .verb = "me.password", .body = "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}" },
        { .as = &nobody, .verb = "session.create",
          .body = "{\"username\": \"dora@own.example\", \"password\": \"" PASSWORD "\"}" },
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(asks); i++) {
        print_message("  %s\n", asks[i].verb);
        assert_int_equal(ASK(w, &super, "domain.list"), DONE);
        kill_all_connections(w);
        assert_int_equal(world_ask(w, &asks[i]), DONE);
    }
    assert_int_equal(log_rows(w), 4);
}

#define WORLD_TEST(it) cmocka_unit_test_setup(it, world_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(a_code_lets_one_in),
        WORLD_TEST(exactly_one_gets_the_last_place),
        WORLD_TEST(deadlocks_are_run_again),
        WORLD_TEST(a_domain_is_not_filled_while_it_is_deleted),
        WORLD_TEST(every_failure_counts),
        WORLD_TEST(log_ins_do_not_get_in_each_others_way),
        WORLD_TEST(a_lost_connection_is_not_the_callers_affair),
    };

    return cmocka_run_group_tests_name("parallel", tests, world_open, world_close);
}
