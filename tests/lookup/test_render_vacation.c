/* tests/lookup/test_render_vacation.c - what render writes for postreeve-vacation: that it is what the program reads, and that
 * nothing breaks out of it */
#include "support/support.h"

#include "lookup/render.h"
#include "scratch.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct config with_vacation(void)
{
    struct config c = scratch_config();

    c.mail.vacation_domain = TEXT("auto.example.jp");
    c.mail.vacation_user = TEXT("nobody");
    c.mail.vacation_program = TEXT("/usr/bin/postreeve-vacation");
    c.letters = (struct letters_settings){ .smtp_host = TEXT("127.0.0.1"), .smtp_port = 2525, .tls = TEXT("none"),
                                           .timeout_seconds = 30 };
    return c;
}

static enum outcome render_into(struct task *t, const struct config *c, const char *name)
{
    struct render_options o = { .out = scratch_path(t, name).at, .queue_directory = "/var/spool/postfix",
                                .sasl = SASL_DOVECOT, .delivery = DELIVERY_VIRTUAL };

    return render(t, c, &o);
}

static void assert_holds(struct text content, const char *words)
{
    if (!content.at || !strstr(content.at, words))
        fail_msg("no \"%s\" in:\n%s", words, content.at ? content.at : "(no file)");
}

static void postfix_learns_of_it(void **state)
{
    struct task *t = fresh_task(state);
    struct config c = with_vacation();
    struct text master;

    assert_int_equal(render_into(t, &c, "on"), DONE);
    assert_holds(scratch_read(t, "on/postfix/main.cf.postreeve"),
                 "\ntransport_maps = inline:{ { auto.example.jp = vacation: } }, mysql:");
    assert_holds(scratch_read(t, "on/postfix/main.cf.postreeve"), "\nvacation_destination_recipient_limit = 1\n");
    master = scratch_read(t, "on/postfix/master.cf.postreeve");
    assert_holds(master, "\n    flags=Rq user=nobody null_sender=\n    argv=/usr/bin/postreeve-vacation -c ");
    assert_holds(master, "/on/postfix/postreeve-vacation.conf -f ${sender} -- ${recipient}\n");
}

static void without_a_domain_there_is_nothing_of_it(void **state)
{
    struct task *t = fresh_task(state);
    struct config c = with_vacation();

    c.mail.vacation_domain = TEXT("");
    c.mail.vacation_user = TEXT("no such account");
    assert_int_equal(render_into(t, &c, "off"), DONE);
    assert_null(strstr(scratch_read(t, "off/postfix/main.cf.postreeve").at, "vacation"));
    assert_null(strstr(scratch_read(t, "off/postfix/master.cf.postreeve").at, "vacation"));
    assert_null(scratch_read(t, "off/postfix/postreeve-vacation.conf").at);
}

static void its_account_reads_the_file_and_others_do_not(void **state)
{
    struct task *t = fresh_task(state);
    struct config c = with_vacation();
    struct stat about;

    assert_int_equal(render_into(t, &c, "mode"), DONE);
    assert_int_equal(stat(scratch_path(t, "mode/postfix/postreeve-vacation.conf").at, &about), 0);
    assert_int_equal(about.st_mode & 0777, geteuid() == 0 ? 0640 : 0600);
    if (geteuid() != 0)
        return;
    assert_int_equal(about.st_gid, 65534);
    c.mail.vacation_user = TEXT("daemon"); /* the same words, for another account */
    assert_int_equal(render_into(t, &c, "mode"), DONE);
    assert_int_equal(stat(scratch_path(t, "mode/postfix/postreeve-vacation.conf").at, &about), 0);
    assert_int_equal(about.st_gid, 1);
    assert_int_equal(about.st_mode & 0777, 0640);
}

/* What anybody may have for a password comes out as it went in. */
static void the_program_reads_what_we_were_told(void **state)
{
    static const char *const passwords[] = {
        "", "a b", "#a", "a#b", "a;b", "$x", "a%u", "\"a\"", "'a'", "a\\", "a=b", "[a]", "a: b", "パスワード", "{a}",
    };

    for (size_t i = 0; i < COUNT(passwords); i++) {
        struct task *t = fresh_task(state);
        struct config c = with_vacation(), again;

        print_message("  %s\n", passwords[i]);
        c.letters.username = TEXT("robot@example.jp");
        c.letters.password = text_of(passwords[i]);
        c.letters.helo = TEXT("mail.example.jp");
        c.letters.tls = TEXT("starttls");
        assert_int_equal(render_into(t, &c, "read"), DONE);
        assert_int_equal(config_load(t, scratch_path(t, "read/postfix/postreeve-vacation.conf").at, &again), DONE);
        assert_text(again.letters.username, "robot@example.jp");
        assert_int_equal(again.letters.password.length, strlen(passwords[i]));
        if (passwords[i][0])
            assert_text(again.letters.password, passwords[i]);
        assert_text(again.letters.tls, "starttls");
        assert_text(again.letters.helo, "mail.example.jp");
        assert_int_equal(again.letters.smtp_port, 2525);
        assert_text(again.mail.vacation_domain, "auto.example.jp");
        assert_text(again.mail.recipient_delimiter, "+");
        assert_text(again.lookup.socket, "/run/mysqld/mysqld.sock");
        assert_text(again.lookup.user, "postfix");
        assert_text(again.lookup.password, "pA55-word");
        assert_int_equal(again.database.password.length, 0);
    }
}

static void several_servers_stay_several(void **state)
{
    struct text hosts[] = { TEXT("10.0.0.1"), TEXT("10.0.0.2:3307"), TEXT("[2001:db8::4]:3308") };
    struct endpoint servers[] = { { TEXT("10.0.0.1"), 3306 }, { TEXT("10.0.0.2"), 3306 }, { TEXT("2001:db8::4"), 3306 } };
    struct task *t = fresh_task(state);
    struct config c = with_vacation(), again;

    c.lookup.host = (struct texts){ hosts, 3 };
    c.lookup.servers = (struct endpoints){ servers, 3 };
    c.lookup.port = 3306;
    assert_int_equal(render_into(t, &c, "hosts"), DONE);
    assert_int_equal(config_load(t, scratch_path(t, "hosts/postfix/postreeve-vacation.conf").at, &again), DONE);
    assert_int_equal(again.lookup.servers.count, 3);
    assert_int_equal(again.lookup.servers.items[0].port, 3306);
    assert_int_equal(again.lookup.servers.items[2].port, 3308);
}

static void nothing_breaks_out(void **state)
{
    static const char *const bad_here[] = { "a\nb", "a\rb", "a\x1b", " a", "a ", "a ;b", "a\t;b", ";a" };
    static const char *const bad_there[] = { "a\nb", "a b", "a\tb", "$x", "a{b", "a}b", "a\"b", "a'b", "a%u", "a#b", "a\\",
                                             "a;b",  "a,b", "a`b", "\x7F" };

    for (size_t i = 0; i < COUNT(bad_here) + COUNT(bad_there); i++) {
        bool here = i < COUNT(bad_here);
        struct config c = with_vacation();
        struct text *const ini[] = { &c.letters.smtp_host, &c.letters.ca_file, &c.letters.username, &c.letters.password,
                                     &c.letters.helo },
                    *const cf[] = { &c.mail.vacation_domain, &c.mail.vacation_user, &c.mail.vacation_program };

        for (size_t k = 0; k < (here ? COUNT(ini) : COUNT(cf)); k++) {
            struct task *t = fresh_task(state);
            struct text *setting = here ? ini[k] : cf[k], fine = *setting;

            *setting = text_of(here ? bad_here[i] : bad_there[i - COUNT(bad_here)]);
            assert_int_equal(render_into(t, &c, "bad"), INVALID);
            *setting = fine;
        }
    }
    assert_null(scratch_read(fresh_task(state), "bad/postfix/main.cf.postreeve").at);
}

static void accounts_that_postfix_would_not_start_it_as(void **state)
{
    static const char *const wrong[] = { "", "root", "postfix", "no-such-account-here" };

    for (size_t i = 0; i < COUNT(wrong) && geteuid() == 0; i++) {
        struct task *t = fresh_task(state);
        struct config c = with_vacation();

        c.mail.vacation_user = text_of(wrong[i]);
        assert_int_equal(render_into(t, &c, "account"), INVALID);
    }
}

static int remove_scratch(void **state)
{
    (void)state;
    scratch_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(postfix_learns_of_it),
        TASK_TEST(without_a_domain_there_is_nothing_of_it),
        TASK_TEST(its_account_reads_the_file_and_others_do_not),
        TASK_TEST(the_program_reads_what_we_were_told),
        TASK_TEST(several_servers_stay_several),
        TASK_TEST(nothing_breaks_out),
        TASK_TEST(accounts_that_postfix_would_not_start_it_as),
    };

    umask(0);
    return cmocka_run_group_tests_name("lookup/render_vacation", tests, NULL, remove_scratch);
}
