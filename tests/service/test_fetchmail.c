/* tests/service/test_fetchmail.c - jobs, their passwords, and one run of those whose time has come
 *
 * The fetchmail of these tests is a script that writes down what it got. The real one is tests/stack's affair.
 */
#include "service/world.h"

#include "model/fetchmail.h"
#include "model/vault.h"
#include "service/fetching.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define CANARY "Kanarienvogel-7531"
#define REFUSED(code, field) INVALID, code, field, NULL, NULL
#define KEPT(query, rows) DONE, NULL, NULL, query, rows
#define NEW(who, mailbox, rest)                                                                                   \
    { who, "fetchmail.create", .body = "{\"mailbox\": \"" mailbox "\", \"server\": \"Pop.Example.NET\","          \
      " \"username\": \"me\"" rest "}" }
#define CHANGE(body_) { &dora, "fetchmail.update", .key = "1", .body = body_ }
#define ROW(columns) "SELECT " columns " FROM fetchmail WHERE id > 2"

static struct task *kept; /* of the key and the paths */
static char directory[] = "/tmp/postreeve-fetching.XXXXXX";

static int open_all(void **state)
{
    int rc = world_open(state);
    struct world *w = *state;

    kept = task_open();
    w->config.vault = vault_from_key(kept, TEXT(KEY_HEX));
    if (!mkdtemp(directory))
        return 1;
    w->config.fetchmail = (struct fetchmail_settings){
        .program = task_printf(kept, "%s/fetchmail", directory), .directory = task_printf(kept, "%s/state", directory),
        .deliver = TEXT("smtp"), .host = TEXT("127.0.0.1"), .port = 25, .seconds = 20,
    };
    return rc;
}

static int close_all(void **state)
{
    int rc = world_close(state);
    struct task *t = task_open();

    if (system(task_printf(t, "rm -rf '%s'", directory).at) != 0)
        rc = 1;
    task_close(t);
    task_close(kept);
    return rc;
}

static const struct play plays[] = {
    { "what is not given", NULL, NEW(&dora, "Plain@own.example", ", \"password\": \"" CANARY "\""),
      KEPT(ROW("mailbox, domain, src_server, src_port, protocol, src_auth, src_user, LEFT(src_password, 8), src_folder,"
               " poll_time, fetchall, keep, usessl, sslcertck, active"),
           "plain@own.example|own.example|pop.example.net|0|POP3|any|me|{SODIUM}||10|0|0|0|1|1\n") },
    { "all of it", NULL,
      NEW(&dora, "plain@own.example", ", \"password\": \"x\", \"protocol\": \"IMAP\", \"port\": 143, \"tls\": true,"
          " \"authentication\": \"cram-md5\", \"folder\": \"INBOX/x\", \"poll_minutes\": 5, \"fetch_all\": true,"
          " \"keep\": true, \"verify_certificate\": false, \"active\": false"),
      KEPT(ROW("src_port, protocol, src_auth, src_folder, poll_time, fetchall, keep, usessl, sslcertck, active"),
           "143|IMAP|cram-md5|INBOX/x|5|1|1|1|0|0\n") },
    { "no password", NULL, NEW(&dora, "plain@own.example", ""), REFUSED("required", "password") },
    { "Kerberos needs none", NULL, NEW(&dora, "plain@own.example", ", \"authentication\": \"gssapi\""),
      KEPT(ROW("src_auth, src_password"), "gssapi|\n") },
    { "an alias", NULL, NEW(&dora, "l-plain@own.example", ", \"password\": \"x\""), REFUSED("no_such_mailbox", "mailbox") },
    { "another's mailbox", NULL, NEW(&dora, "plain@other.example", ", \"password\": \"x\""), DENIED, NULL, NULL, NULL, NULL },
    { "a super admin's", NULL, NEW(&dora, "chief@own.example", ", \"password\": \"x\""), DENIED, NULL, NULL, NULL, NULL },
    { "... by a super admin", NULL, NEW(&super, "chief@own.example", ", \"password\": \"x\""), DONE, NULL, NULL, NULL, NULL },
    { "a protocol of old", NULL, NEW(&dora, "plain@own.example", ", \"password\": \"x\", \"protocol\": \"POP2\""),
      REFUSED("not_a_choice", "protocol") },
    { "a log-in through a program", NULL,
      NEW(&dora, "plain@own.example", ", \"password\": \"x\", \"authentication\": \"ssh\""),
      REFUSED("not_a_choice", "authentication") },
    { "a line's end in the log-in", NULL,
      { &dora, "fetchmail.create", .body = "{\"mailbox\": \"plain@own.example\", \"server\": \"x.example\","
        " \"username\": \"a\\nDELE 1\", \"password\": \"x\"}" }, REFUSED("bad_character", "username") },
    { "a path for a server", NULL,
      { &dora, "fetchmail.create", .body = "{\"mailbox\": \"plain@own.example\", \"server\": \"/bin/sh\","
        " \"username\": \"a\", \"password\": \"x\"}" }, REFUSED("bad_domain", "server") },
    { "never", NULL, NEW(&dora, "plain@own.example", ", \"password\": \"x\", \"poll_minutes\": 0"),
      REFUSED("too_small", "poll_minutes") },
    { "a program instead of delivery is no field", NULL,
      NEW(&dora, "plain@own.example", ", \"password\": \"x\", \"mda\": \"/bin/sh\""), REFUSED("unknown_field", "mda") },
    { "a change leaves the old password", NULL, CHANGE("{\"keep\": true}"),
      KEPT("SELECT keep, src_password FROM fetchmail WHERE id = 1", "1|eA==\n") },
    { "another password", NULL, CHANGE("{\"password\": \"" CANARY "\"}"),
      KEPT("SELECT LEFT(src_password, 8) FROM fetchmail WHERE id = 1", "{SODIUM}\n") },
    { "no password any more", NULL, CHANGE("{\"password\": \"\"}"), REFUSED("required", "password") },
    { "then into another's mailbox", NULL, CHANGE("{\"mailbox\": \"plain@other.example\"}"), DENIED, NULL, NULL, NULL, NULL },
    { "one of a super admin's", "UPDATE fetchmail SET mailbox = 'chief@own.example' WHERE id = 1",
      { &dora, "fetchmail.delete", .key = "1" }, DENIED, NULL, NULL, NULL, NULL },
    { "deleted", NULL, { &dora, "fetchmail.delete", .key = "1" }, KEPT("SELECT id FROM fetchmail", "2\n") },
    { "a mailbox takes its jobs along", NULL, { &dora, "mailbox.delete", .key = "plain@own.example" },
      KEPT("SELECT id FROM fetchmail", "2\n") },
};

static void jobs_are_kept(void **state)
{
    world_play(*state, plays, COUNT(plays));
}

static void the_password_is_nowhere(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();

    assert_int_equal(ASK(w, &dora, "fetchmail.update", .key = "1", .body = "{\"password\": \"" CANARY "\"}"), DONE);
    assert_true(((const struct fetchmail *)w->answer.item)->has_password);
    assert_string_equal(world_places_with(w, t, CANARY, NULL), "");
    task_close(t);
}

static void lists_show_what_is_theirs_alone(void **state)
{
    struct world *w = *state;

    scratch_run(w->db, "INSERT INTO fetchmail (mailbox, src_server, src_user, src_password, src_folder)"
                       " VALUES ('chief@own.example', 'x', 'x', '', ''), ('deputy@own.example', 'x', 'x', '', '')");
    assert_int_equal(ASK(w, &dora, "fetchmail.list"), DONE);
    assert_int_equal(w->answer.list.rows.count, 2);
    assert_int_equal(ASK(w, &super, "fetchmail.list"), DONE);
    assert_int_equal(w->answer.list.rows.count, 4);
}

/* ---- running them ---- */

static const char script[] = "#!/bin/sh\ncat > '%s/rc'\necho \"$*\" > '%s/words'\nenv > '%s/env'\necho run >> '%s/count'\n%s\n";

static void make_fetchmail(const char *ends)
{
    struct task *t = task_open();
    const char *path = task_printf(t, "%s/fetchmail", directory).at;
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fprintf(file, script, directory, directory, directory, directory, ends);
    fclose(file);
    assert_int_equal(chmod(path, 0755), 0);
    task_close(t);
}

static const char *read_back(struct task *t, const char *name)
{
    char *room = task_alloc(t, 4096);
    FILE *file = fopen(task_printf(t, "%s/%s", directory, name).at, "r");

    if (file) {
        (void)!fread(room, 1, 4095, file);
        fclose(file);
    }
    return room;
}

static void count_said(void *context, const struct fetched *f)
{
    int *counts = context;

    counts[f->fine]++;
}

static enum outcome run_all(struct world *w, struct task *t, int counts[2])
{
    const struct fetching_listener to = { count_said, counts };
    enum outcome o;

    counts[0] = counts[1] = 0;
    unlink(task_printf(t, "%s/count", directory).at);
    o = fetching_run(&w->service, t, &to);
    store_return(w->service.store, t);
    return o;
}

#define RESULT "SELECT returned_text, date > NOW() - INTERVAL 1 MINUTE FROM fetchmail WHERE id = 1"

static void a_job_gets_its_lines_and_leaves_its_result(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    int counts[2];

    scratch_run(w->db, "UPDATE fetchmail SET active = 0 WHERE id = 2");
    assert_int_equal(ASK(w, &dora, "fetchmail.update", .key = "1", .body = "{\"password\": \"" CANARY "\"}"), DONE);
    make_fetchmail("exit 1");
    assert_int_equal(run_all(w, t, counts), DONE);
    assert_int_equal(counts[true], 1);
    assert_non_null(strstr(read_back(t, "rc"), "with password \"" CANARY "\" is \"plain@own.example\" here"));
    assert_null(strstr(read_back(t, "words"), "Kanarienvogel"));
    assert_null(strstr(read_back(t, "env"), "Kanarienvogel"));
    assert_non_null(strstr(read_back(t, "words"), "/state/1.ids"));
    assert_string_equal(scratch_rows(w->db, t, RESULT), "no letters|1\n");
    task_close(t);
}

static void what_goes_wrong_is_noted(void **state)
{
    static const struct { const char *ends, *result; } cases[] = {
        { "exit 0", "letters were fetched|1\n" },
        { "echo 'Authorization failure'; echo again >&2; exit 3",
          "the log-in was refused: Authorization failure again|1\n" },
        { "echo 'no such user x'; exit 3", "the log-in was refused|1\n" }, /* the password is x: it may not be told */
        { "echo 'fetchmail: SMTP error: 550 no'; exit 0",
          "the mail system here did not take the letters: fetchmail: SMTP error: 550 no|1\n" },
        { "exit 10", "the mail system here did not take the letters|1\n" },
        { "exit 77", "fetchmail failed|1\n" },
    };
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = task_open();
        int counts[2];

        print_message("  %s\n", cases[i].ends);
        world_reset(state);
        scratch_run(w->db, "UPDATE fetchmail SET active = 0 WHERE id = 2");
        make_fetchmail(cases[i].ends);
        assert_int_equal(run_all(w, t, counts), DONE);
        assert_int_equal(counts[false], i > 0);
        assert_string_equal(scratch_rows(w->db, t, RESULT), cases[i].result);
        task_close(t);
    }
}

static void its_time_comes_and_goes(void **state)
{
    static const struct { const char *what, *sql; int runs; } cases[] = {
        { "never yet", "SELECT 1", 2 },
        { "a moment ago", "UPDATE fetchmail SET date = NOW() - INTERVAL 9 MINUTE WHERE id = 1", 1 },
        { "long ago", "UPDATE fetchmail SET date = NOW() - INTERVAL 11 MINUTE", 2 },
        { "switched off", "UPDATE fetchmail SET active = 0", 0 },
        { "its mailbox is", "UPDATE mailbox SET active = 0 WHERE username = 'plain@own.example'", 1 },
        { "its domain is", "UPDATE domain SET active = 0 WHERE domain = 'own.example'", 1 },
        { "a password that cannot be read", "UPDATE fetchmail SET src_password = '{SODIUM}x' WHERE id = 1", 1 },
        { "a server that cannot be written", "UPDATE fetchmail SET src_server = 'a\\nb' WHERE id = 1", 1 },
        { "a protocol of old", "UPDATE fetchmail SET protocol = 'ETRN' WHERE id = 1", 1 },
    };
    struct world *w = *state;

    make_fetchmail("exit 0");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = task_open();
        int counts[2], runs = 0;

        print_message("  %s\n", cases[i].what);
        world_reset(state);
        scratch_run(w->db, "%s", cases[i].sql);
        assert_int_equal(run_all(w, t, counts), DONE);
        for (const char *line = read_back(t, "count"); *line; line++)
            runs += *line == '\n';
        assert_int_equal(runs, cases[i].runs);
        assert_int_equal(run_all(w, t, counts), DONE); /* nothing is due any more */
        assert_int_equal(counts[0] + counts[1], 0);
        task_close(t);
    }
}

static void what_cannot_be_run_says_so(void **state)
{
    struct world *w = *state;
    struct task *t = task_open();
    int counts[2];

    scratch_run(w->db, "UPDATE fetchmail SET src_password = '{SODIUM}x' WHERE id = 1");
    make_fetchmail("exit 0");
    assert_int_equal(run_all(w, t, counts), DONE);
    assert_int_equal(counts[false], 1);
    assert_string_equal(scratch_rows(w->db, t, RESULT),
                        "cannot be run: password was stored under another key, or is damaged|1\n");
    assert_int_equal(chmod(w->config.fetchmail.directory.at, 0755), 0); /* others could read it */
    assert_int_equal(run_all(w, t, counts), INVALID);
    assert_int_equal(chmod(w->config.fetchmail.directory.at, 0700), 0);
    assert_int_equal(unlink(w->config.fetchmail.program.at), 0);
    assert_int_equal(run_all(w, t, counts), INVALID);
    task_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(jobs_are_kept, world_reset),
        cmocka_unit_test_setup(the_password_is_nowhere, world_reset),
        cmocka_unit_test_setup(lists_show_what_is_theirs_alone, world_reset),
        cmocka_unit_test_setup(a_job_gets_its_lines_and_leaves_its_result, world_reset),
        cmocka_unit_test_setup(what_goes_wrong_is_noted, world_reset),
        cmocka_unit_test_setup(its_time_comes_and_goes, world_reset),
        cmocka_unit_test_setup(what_cannot_be_run_says_so, world_reset),
    };

    return cmocka_run_group_tests_name("service/fetchmail", tests, open_all, close_all);
}
