/* tests/service/test_errand.c - what follows from a change: it is written with it, done once, tried again, and seen */
#include "service/world.h"

#include "model/errand.h"
#include "model/vault.h"
#include "service/errand.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define CREATION "{\"address\": \"new@own.example\", \"password\": \"another staple 2\", \"quota_bytes\": 1048576}"

static char directory[] = "/tmp/postreeve-errand.XXXXXX", program[64], heard[64];
static struct task *key_task;

static void write_program(const char *text)
{
    int fd = open(program, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* All that it was given, each argument on a line of its own. */
static void write_listener(const char *exit)
{
    char text[512];

    snprintf(text, sizeof text, "#!/bin/sh\n{ for a; do echo \"$a\"; done; cat; echo; } >> %s\necho \"$1 is full\" >&2\n%s\n",
             heard, exit);
    write_program(text);
}

static const char *what_was_heard(struct task *t)
{
    FILE *f = fopen(heard, "re");
    char *at = task_alloc(t, 65536);
    size_t length = f ? fread(at, 1, 65535, f) : 0;

    for (size_t i = 0; i < length; i++)
        at[i] = at[i] ? at[i] : '~';
    if (f)
        fclose(f);
    unlink(heard);
    return at;
}

static int open_all(void **state)
{
    struct world *w;

    assert_int_equal(world_open(state), 0);
    w = *state;
    key_task = task_open();
    w->config.vault = vault_from_key(key_task, TEXT(KEY_HEX));
    return mkdtemp(directory) ? 0 : -1;
}

static int close_all(void **state)
{
    unlink(program);
    rmdir(directory);
    world_close(state);
    task_close(key_task);
    return 0;
}

static int reset(void **state)
{
    struct world *w = *state;

    world_reset(state);
    scratch_run(w->db, "DELETE FROM postreeve_errand");
    snprintf(program, sizeof program, "%s/it", directory);
    snprintf(heard, sizeof heard, "%s/heard", directory);
    w->config.hooks = (struct hooks_settings){ .timeout_seconds = 60 };
    w->config.errands.first_pause_seconds = 3600;
    write_listener("exit 0");
    return 0;
}

static struct errand_tally run_due(struct world *w)
{
    struct errand_tally tally;

    assert_int_equal(errands_run_due(&w->service, 0, &tally), DONE);
    return tally;
}

static void assert_tally(struct errand_tally tally, int done, int again, int failed)
{
    assert_int_equal(tally.done, done);
    assert_int_equal(tally.again, again);
    assert_int_equal(tally.failed, failed);
}

/* ---- what a hook is given ---- */

static const struct {
    const char *what, *event;
    struct ask ask;
    const char *heard;
} hooks[] = {
    { "a new mailbox", "mailbox_created", { &dora, "mailbox.create", .body = CREATION },
      "new@own.example\nown.example\nown.example/new/\n1048576\n\n" },
    { "no quota", "mailbox_changed", { &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"display_name\": \"x\"}" },
      "plain@own.example\nown.example\nown.example/plain/\n0\n\n" },
    { "one's own forward", "mailbox_changed", { &user, "me.set-forward", .body = "{\"destinations\": [\"x@y.example\"], \"keep_copy\": true}" },
      "plain@own.example\nown.example\nown.example/plain/\n0\n\n" },
    { "frozen", "mailbox_changed", { &dora, "mailbox.freeze", .key = "plain@own.example" },
      "plain@own.example\nown.example\nown.example/plain/\n0\n\n" },
    { "another address", "mailbox_changed",
      { &dora, "mailbox.rename", .key = "plain@own.example", .body = "{\"local_part\": \"other\"}" },
      "other@own.example\nown.example\nown.example/plain/\n0\n\n" },
    { "deleted", "mailbox_deleted", { &dora, "mailbox.delete", .key = "plain@own.example" }, "plain@own.example\nown.example\n\n" },
    { "the password of a new mailbox", "mailbox_password", { &dora, "mailbox.create", .body = CREATION },
      "new@own.example\nown.example\n~another staple 2~\n" },
    { "one's own password", "mailbox_password",
      { &user, "me.password", .body = "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}" },
      "plain@own.example\nown.example\n" PASSWORD "~another staple 2~\n" },
    { "an admin's own password", "admin_password",
      { &dora, "me.password", .body = "{\"current\": \"" PASSWORD "\", \"new\": \"another staple 2\"}" },
      "dora@own.example\n" PASSWORD "~another staple 2~\n" },
    { "a password for a program", "mailbox_app_password",
      { &user, "me.create-app-password", .body = "{\"password\": \"" PASSWORD "\", \"description\": \"my telephone\"}" },
      "plain@own.example\nmy telephone\n*~\n" },
    { "a second factor taken away", "mailbox_deleted", { &dora, "mailbox.reset-totp", .key = "plain@own.example" }, "" },
    { "no password given", "mailbox_password", { &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"active\": false}" }, "" },
    { "a domain", "domain_created", { &super, "domain.create", .body = "{\"domain\": \"new.example\"}" }, "new.example\n\n" },
    { "a domain changed", "domain_changed", { &super, "domain.update", .key = "own.example", .body = "{\"description\": \"x\"}" },
      "own.example\n\n" },
    { "a domain deleted", "domain_deleted", { &super, "domain.delete", .key = "own-fresh.example" }, "own-fresh.example\n\n" },
    { "an alias", "alias_created", { &dora, "alias.create", .body = "{\"address\": \"@own.example\", \"destinations\": [\"x@y.example\"]}" },
      "@own.example\nown.example\n\n" },
    { "an alias domain", "alias_domain_deleted", { &dora, "alias-domain.delete", .key = "own-alias.example" },
      "own-alias.example\nown.example\n\n" },
    { "an admin", "admin_deleted", { &super, "admin.delete", .key = "dora@own.example" }, "dora@own.example\n\n" },
    { "what has no program", "mailbox_created", { &dora, "mailbox.delete", .key = "plain@own.example" }, "" },
};

static struct text *hook_of(struct world *w, const char *event)
{
    for (const struct config_section *s = config_sections; s->name; s++)
        if (strcmp(s->name, "hooks") == 0)
            return field_at(shape_field(s->shape, text_of(event)), &w->config.hooks);
    return NULL;
}

/* A * stands for what nobody can foretell, a generated password. */
static void assert_heard(struct task *t, const char *wanted)
{
    const char *is = what_was_heard(t), *star = strchr(wanted, '*');
    size_t before = star ? (size_t)(star - wanted) : 0, behind = star ? strlen(star + 1) : 0;

    if (!star) {
        assert_string_equal(is, wanted);
        return;
    }
    assert_true(strlen(is) >= before + behind + 16);
    assert_memory_equal(is, wanted, before);
    assert_string_equal(is + strlen(is) - behind, star + 1);
}

static void arguments_and_standard_input(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(hooks); i++) {
        struct task *t = task_open();

        print_message("  %s\n", hooks[i].what);
        reset(state);
        *hook_of(w, hooks[i].event) = text_of(program);
        assert_int_equal(world_ask(w, &hooks[i].ask), DONE);
        assert_tally(run_due(w), *hooks[i].heard ? 1 : 0, 0, 0);
        assert_heard(t, hooks[i].heard);
        task_close(t);
    }
}

static void an_undone_change_is_one_too(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    char id[24];

    assert_int_equal(ASK(w, &dora, "mailbox.delete", .key = "plain@own.example"), DONE);
    snprintf(id, sizeof id, "%lld", scratch_number(w->db, "SELECT MAX(id) FROM log"));
    *hook_of(w, "mailbox_created") = *hook_of(w, "mailbox_deleted") = text_of(program);
    assert_int_equal(ASK(w, &dora, "log.undo", .key = id), DONE);
    assert_tally(run_due(w), 1, 0, 0);
    assert_string_equal(what_was_heard(t), "plain@own.example\nown.example\nown.example/plain/\n0\n\n");
    task_close(t);
}

/* ---- in the change's transaction ---- */

static void no_change_without_its_errands_and_no_errand_without_its_change(void **state)
{
    struct world *w = *state;

    *hook_of(w, "mailbox_created") = text_of(program);
    assert_int_equal(ASK(w, &dora, "mailbox.create", .body = "{\"address\": \"plain@own.example\", \"password\": \"another staple 2\"}"),
                     CONFLICT);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_errand"), 0);
    scratch_run(w->db, "CREATE TRIGGER refuse BEFORE INSERT ON postreeve_errand FOR EACH ROW SIGNAL SQLSTATE '45000'");
    assert_int_not_equal(ASK(w, &dora, "mailbox.create", .body = CREATION), DONE);
    scratch_run(w->db, "DROP TRIGGER refuse");
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM mailbox WHERE username = 'new@own.example'"), 0);
    assert_int_equal(ASK(w, &dora, "mailbox.create", .body = CREATION), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_errand e JOIN log l ON l.id = e.record"
                                           " AND l.action = e.verb AND l.data = e.target WHERE e.state = 'waiting'"), 1);
}

/* ---- secrets ---- */

static void passwords_wait_sealed_and_are_gone_afterwards(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    *hook_of(w, "mailbox_password") = text_of(program);
    write_listener("exit 1");
    assert_int_equal(ASK(w, &dora, "mailbox.create", .body = CREATION), DONE);
    assert_string_equal(world_places_with(w, t, "another staple", NULL), "");
    assert_tally(run_due(w), 0, 1, 0);
    assert_string_equal(scratch_row(w->db, t, "SELECT last_error, sealed IS NULL FROM postreeve_errand"), "exited with 1|0");
    assert_int_equal(ASK(w, &super, "errand.show", .key = scratch_row(w->db, t, "SELECT id FROM postreeve_errand")), DONE);
    assert_int_equal(ASK(w, &super, "errand.retry", .key = scratch_row(w->db, t, "SELECT id FROM postreeve_errand")), DONE);
    write_listener("exit 0");
    assert_tally(run_due(w), 1, 0, 0);
    assert_string_equal(scratch_row(w->db, t, "SELECT state, sealed FROM postreeve_errand"), "done|NULL");
    assert_string_equal(world_places_with(w, t, "another staple", NULL), "");
    what_was_heard(t);
    task_close(t);
}

static void another_key_opens_nothing(void **state)
{
    struct world *w = *state;
    const struct vault *vault = w->config.vault;

    *hook_of(w, "mailbox_password") = text_of(program);
    assert_int_equal(ASK(w, &dora, "mailbox.create", .body = CREATION), DONE);
    w->config.vault = NULL;
    assert_tally(run_due(w), 0, 0, 1);
    assert_int_equal(ASK(w, &dora, "mailbox.update", .key = "plain@own.example", .body = "{\"password\": \"another staple 2\"}"), INVALID);
    w->config.vault = vault;
    assert_int_not_equal(access(heard, F_OK), 0);
}

/* ---- letters ---- */

static void letters_wait_with_the_change(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    char body[256];

    for (int asked = -1; asked <= 1; asked++)
        for (int usual = 0; usual <= 1; usual++) {
            reset(state);
            w->config.letters.welcome = usual;
            snprintf(body, sizeof body, "{\"address\": \"new@own.example\", \"password\": \"another staple 2\"%s}",
                     asked < 0 ? "" : asked ? ", \"welcome_letter\": true" : ", \"welcome_letter\": false");
            assert_int_equal(ASK(w, &dora, "mailbox.create", .body = body), DONE);
            assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_errand WHERE kind = 'letter'"
                                                   " AND event = 'welcome' AND target = 'new@own.example'"),
                             asked < 0 ? usual : asked);
        }
    w->config.letters.welcome = false;
    task_close(t);
}

static void so_many_letters_and_no_more(void **state)
{
    struct world *w = *state;
    struct ask ask = { .as = &dora, .verb = "letter.create",
                       .body = "{\"to\": \"x@own.example\", \"subject\": \"s\", \"body\": \"the words\"}" };

    assert_int_equal(world_ask(w, &ask), DONE);
    assert_int_equal(world_ask(w, &ask), DONE);
    assert_int_equal(world_ask(w, &ask), BUSY);
    assert_true(w->answer.wait_seconds > 0);
    ask.as = &super;
    assert_int_equal(world_ask(w, &ask), DONE);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM log WHERE after_state LIKE '%%the words%%'"), 0);
}

/* ---- failures ---- */

static void what_fails_is_tried_again_and_then_given_up(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    struct errand_counts counts;

    *hook_of(w, "mailbox_created") = text_of(program);
    write_listener("exit 75");
    assert_int_equal(ASK(w, &dora, "mailbox.create", .body = CREATION), DONE);
    assert_tally(run_due(w), 0, 1, 0);
    assert_string_equal(scratch_row(w->db, t, "SELECT state, attempts, last_error, due > NOW() + INTERVAL 3500 SECOND"
                                              " FROM postreeve_errand"),
                        "waiting|1|exited with 75: new@own.example is full|1");
    assert_tally(run_due(w), 0, 0, 0);
    w->config.errands.first_pause_seconds = 0;
    scratch_run(w->db, "UPDATE postreeve_errand SET due = NOW()");
    assert_tally(run_due(w), 0, 1, 1);
    assert_string_equal(scratch_row(w->db, t, "SELECT state, attempts, finished IS NULL FROM postreeve_errand"), "failed|3|0");
    assert_int_equal(errands_count(&w->service, &counts), DONE);
    assert_int_equal(counts.failed, 1);
    assert_int_equal(counts.waiting, 0);
    write_listener("exit 0");
    assert_int_equal(ASK(w, &super, "errand.retry", .key = scratch_row(w->db, t, "SELECT id FROM postreeve_errand")), DONE);
    assert_tally(run_due(w), 1, 0, 0);
    assert_int_equal(ASK(w, &super, "errand.retry", .key = scratch_row(w->db, t, "SELECT id FROM postreeve_errand")), CONFLICT);
    task_close(t);
    unlink(heard);
}

static void what_is_for_good_is_not_tried_again(void **state)
{
    struct world *w = *state;

    *hook_of(w, "mailbox_created") = text_of(program);
    write_listener("exit 65");
    assert_int_equal(ASK(w, &dora, "mailbox.create", .body = CREATION), DONE);
    assert_tally(run_due(w), 0, 0, 1);
    unlink(heard);
}

/* A mailbox that was made and deleted: whoever tries the first again after the second leaves a directory behind. */
static void hooks_of_one_item_keep_their_order(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    *hook_of(w, "mailbox_created") = *hook_of(w, "mailbox_deleted") = text_of(program);
    write_listener("exit 1");
    assert_int_equal(ASK(w, &dora, "mailbox.create", .body = CREATION), DONE);
    assert_tally(run_due(w), 0, 1, 0);
    write_listener("exit 0");
    assert_int_equal(ASK(w, &dora, "mailbox.delete", .key = "new@own.example"), DONE);
    assert_int_equal(ASK(w, &dora, "mailbox.delete", .key = "plain@own.example"), DONE);
    what_was_heard(t);
    assert_tally(run_due(w), 1, 0, 0);
    assert_string_equal(what_was_heard(t), "plain@own.example\nown.example\n\n");
    scratch_run(w->db, "UPDATE postreeve_errand SET due = NOW()");
    assert_tally(run_due(w), 2, 0, 0);
    assert_string_equal(what_was_heard(t), "new@own.example\nown.example\nown.example/new/\n1048576\n\n"
                                           "new@own.example\nown.example\n\n");
    task_close(t);
}

/* ---- servers that die, and several of them ---- */

static void a_lease_that_is_over_is_begun_again(void **state)
{
    struct world *w = *state;

    *hook_of(w, "mailbox_created") = text_of(program);
    assert_int_equal(ASK(w, &dora, "mailbox.create", .body = CREATION), DONE);
    scratch_run(w->db, "UPDATE postreeve_errand SET state = 'running', claim = 7, attempts = 1, due = NOW() + INTERVAL 9 SECOND");
    assert_tally(run_due(w), 0, 0, 0);
    scratch_run(w->db, "UPDATE postreeve_errand SET due = NOW()");
    assert_tally(run_due(w), 1, 0, 0);
    unlink(heard);
}

static void *also_run(void *context)
{
    static struct errand_tally tallies[3];
    static int next;
    struct errand_tally *mine = &tallies[__atomic_fetch_add(&next, 1, __ATOMIC_SEQ_CST) % 3];

    if (errands_run_due(context, 0, mine) != DONE)
        return NULL;
    return mine;
}

static void several_servers_share_them(void **state)
{
    struct world *w = *state;
    pthread_t others[3];
    int64_t done = 0;

    *hook_of(w, "alias_created") = text_of(program);
    write_program("#!/bin/sh\necho \"$POSTREEVE_DELIVERY\" >> ${0%/*}/heard\n");
    for (int i = 0; i < 40; i++) {
        char body[128];

        snprintf(body, sizeof body, "{\"address\": \"a%d@own.example\", \"destinations\": [\"x@y.example\"]}", i);
        assert_int_equal(ASK(w, &dora, "alias.create", .body = body), DONE);
    }
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(pthread_create(&others[i], NULL, also_run, &w->service), 0);
    for (size_t i = 0; i < COUNT(others); i++) {
        void *tally = NULL;

        pthread_join(others[i], &tally);
        assert_non_null(tally);
        done += ((struct errand_tally *)tally)->done;
    }
    assert_int_equal(done, 40);
    scratch_run(w->db, "CREATE TEMPORARY TABLE heard (delivery varchar(80))");
    scratch_run(w->db, "LOAD DATA LOCAL INFILE '%s' INTO TABLE heard", heard);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM heard"), 40);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM heard h JOIN postreeve_errand e"
                                           " ON h.delivery = e.delivery"), 40);
    scratch_run(w->db, "DROP TEMPORARY TABLE heard");
    unlink(heard);
}

static void who_stops_ends_what_runs(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    struct errand_tally tally;
    int stop = eventfd(1, EFD_CLOEXEC);

    *hook_of(w, "mailbox_created") = text_of(program);
    assert_int_equal(ASK(w, &dora, "mailbox.create", .body = CREATION), DONE);
    assert_int_equal(errands_run_due(&w->service, stop, &tally), DONE);
    assert_tally(tally, 0, 0, 0);
    assert_string_equal(scratch_row(w->db, t, "SELECT state, attempts FROM postreeve_errand"), "waiting|0");
    close(stop);
    task_close(t);
}

static void old_ones_are_swept(void **state)
{
    struct world *w = *state;

    *hook_of(w, "mailbox_created") = text_of(program);
    assert_int_equal(ASK(w, &dora, "mailbox.create", .body = CREATION), DONE);
    assert_tally(run_due(w), 1, 0, 0);
    errands_sweep(&w->service);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_errand"), 1);
    scratch_run(w->db, "UPDATE postreeve_errand SET finished = NOW() - INTERVAL 31 DAY");
    errands_sweep(&w->service);
    assert_int_equal(scratch_number(w->db, "SELECT COUNT(*) FROM postreeve_errand"), 0);
    unlink(heard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(arguments_and_standard_input, reset),
        cmocka_unit_test_setup(an_undone_change_is_one_too, reset),
        cmocka_unit_test_setup(no_change_without_its_errands_and_no_errand_without_its_change, reset),
        cmocka_unit_test_setup(passwords_wait_sealed_and_are_gone_afterwards, reset),
        cmocka_unit_test_setup(another_key_opens_nothing, reset),
        cmocka_unit_test_setup(letters_wait_with_the_change, reset),
        cmocka_unit_test_setup(so_many_letters_and_no_more, reset),
        cmocka_unit_test_setup(what_fails_is_tried_again_and_then_given_up, reset),
        cmocka_unit_test_setup(what_is_for_good_is_not_tried_again, reset),
        cmocka_unit_test_setup(hooks_of_one_item_keep_their_order, reset),
        cmocka_unit_test_setup(a_lease_that_is_over_is_begun_again, reset),
        cmocka_unit_test_setup(several_servers_share_them, reset),
        cmocka_unit_test_setup(who_stops_ends_what_runs, reset),
        cmocka_unit_test_setup(old_ones_are_swept, reset),
    };

    return cmocka_run_group_tests_name("service/errand", tests, open_all, close_all);
}
