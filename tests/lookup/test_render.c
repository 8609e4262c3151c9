/* tests/lookup/test_render.c - the files that render writes, the settings it refuses, and what it leaves
 * alone */
#include "support/support.h"

#include "lookup/access.h"
#include "lookup/output.h"
#include "lookup/question.h"
#include "lookup/render.h"
#include "scratch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum outcome render_for(struct task *t, const struct config *c, const char *name, enum sasl sasl,
                               enum delivery delivery, enum dovecot dovecot)
{
    struct render_options o = { scratch_path(t, name).at, "/var/spool/postfix", sasl, delivery, MAPS_MYSQL, DKIM_NONE,
                                dovecot };

    return render(t, c, &o);
}

static enum outcome render_into(struct task *t, const struct config *c, const char *name, enum sasl sasl,
                                enum delivery delivery)
{
    return render_for(t, c, name, sasl, delivery, DOVECOT_2_3);
}

static struct stat about(struct task *t, const char *name)
{
    struct stat s;

    assert_int_equal(stat(scratch_path(t, name).at, &s), 0);
    return s;
}

static void assert_holds(struct text content, const char *line)
{
    if (!content.at || !strstr(content.at, line))
        fail_msg("no line \"%s\" in:\n%s", line, content.at ? content.at : "(no file)");
}

static void every_choice_gets_its_files(void **state)
{
    struct task *t = fresh_task(state);
    struct config c = scratch_config();

    assert_int_equal(render_into(t, &c, "a", SASL_DOVECOT, DELIVERY_VIRTUAL), DONE);
    assert_holds(scratch_read(t, "a/postfix/main.cf.postreeve"), "\nvirtual_transport = virtual\n");
    assert_holds(scratch_read(t, "a/postfix/main.cf.postreeve"), "\nsmtpd_sasl_type = dovecot\n");
    assert_holds(scratch_read(t, "a/postfix/main.cf.postreeve"), "\nsmtpd_sasl_auth_enable = no\n");
    assert_holds(scratch_read(t, "a/dovecot/postreeve.conf.ext"), "/var/spool/postfix/private/auth {");
    assert_null(scratch_read(t, "a/postfix/sasl/smtpd.conf").at);

    assert_int_equal(render_into(t, &c, "b", SASL_AUXPROP, DELIVERY_LMTP), DONE);
    assert_holds(scratch_read(t, "b/postfix/main.cf.postreeve"),
                 "\nvirtual_transport = lmtp:unix:private/dovecot-lmtp\n");
    assert_holds(scratch_read(t, "b/postfix/main.cf.postreeve"), "MYSQL_UNIX_PORT=/run/mysqld/mysqld.sock\n");
    assert_holds(scratch_read(t, "b/postfix/sasl/smtpd.conf"), "\nsql_passwd: pA55-word\n");
    assert_holds(scratch_read(t, "b/dovecot/postreeve.conf.ext"),
                 "/var/spool/postfix/private/dovecot-lmtp {");
    assert_null(strstr(scratch_read(t, "b/dovecot/postreeve.conf.ext").at, "private/auth {"));
}

/* Which IMAP server saslauthd tries decides whose files there are. */
static void who_checks_log_ins_gets_their_files(void **state)
{
    static const struct { enum sasl sasl; const char *imap_server, *method; bool dovecot, courier, defaults; } cases[] = {
        { SASL_SASLAUTHD, "dovecot", "\npwcheck_method: saslauthd\nsaslauthd_path: /run/saslauthd/mux\n", true, false, true },
        { SASL_SASLAUTHD, "courier", "\npwcheck_method: saslauthd\n", false, true, true },
        { SASL_AUTHDAEMOND, "dovecot",
          "\npwcheck_method: authdaemond\nauthdaemond_path: /run/courier/authdaemon/socket\n", false, true, false },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct config c = scratch_config();
        const char *name = task_printf(t, "who%zu", i).at;
        struct text dovecot, courier, imapd, defaults;

        c.sasl.imap_server = text_of(cases[i].imap_server);
        c.sasl.default_domain = TEXT("example.jp");
        assert_int_equal(render_into(t, &c, name, cases[i].sasl, DELIVERY_VIRTUAL), DONE);
        assert_holds(scratch_read(t, task_printf(t, "%s/postfix/sasl/smtpd.conf", name).at), cases[i].method);
        assert_holds(scratch_read(t, task_printf(t, "%s/postfix/sasl/smtpd.conf", name).at), "\nmech_list: PLAIN LOGIN\n");
        assert_holds(scratch_read(t, task_printf(t, "%s/postfix/main.cf.postreeve", name).at),
                     "\nsmtpd_sasl_local_domain = example.jp\n");
        dovecot = scratch_read(t, task_printf(t, "%s/dovecot/postreeve.conf.ext", name).at);
        courier = scratch_read(t, task_printf(t, "%s/courier/authmysqlrc", name).at);
        imapd = scratch_read(t, task_printf(t, "%s/courier/imapd.postreeve", name).at);
        defaults = scratch_read(t, task_printf(t, "%s/default/saslauthd", name).at);
        assert_int_equal(dovecot.at != NULL, cases[i].dovecot);
        assert_int_equal(courier.at != NULL, cases[i].courier);
        assert_int_equal(imapd.at != NULL, cases[i].courier && cases[i].defaults);
        assert_int_equal(defaults.at != NULL, cases[i].defaults);
        if (dovecot.at) {
            assert_holds(dovecot, "\nauth_default_realm = example.jp\n");
            assert_holds(dovecot, " port = 10143\n");
        }
        if (courier.at) {
            assert_holds(courier, "\nMYSQL_SOCKET /run/mysqld/mysqld.sock\n");
            assert_holds(courier, "\nDEFAULT_DOMAIN example.jp\n");
            assert_true(text_ends(courier, TEXT("\n##NAME: MARKER:0\n")));
            assert_int_equal(about(t, task_printf(t, "%s/courier/authmysqlrc", name).at).st_mode & 07007, 0);
        }
        if (defaults.at)
            assert_holds(defaults, "\nOPTIONS=\"-r -m /run/saslauthd -O 127.0.0.1/10143\"\n");
        if (imapd.at)
            assert_holds(imapd, "\nPORT=\"$PORT,127.0.0.1.10143\"\nAUTHSERVICE10143=smtp\n");
    }
}

static void without_clear_text_only_challenges_are_left(void **state)
{
    struct task *t = fresh_task(state);
    struct config c = scratch_config();

    c.sasl.plaintext = false;
    assert_int_equal(render_into(t, &c, "plain", SASL_DOVECOT, DELIVERY_VIRTUAL), INVALID);
    assert_int_equal(render_into(t, &c, "plain", SASL_SASLAUTHD, DELIVERY_VIRTUAL), INVALID);
    assert_int_equal(render_into(t, &c, "plain", SASL_AUTHDAEMOND, DELIVERY_VIRTUAL), INVALID);
    assert_int_equal(render_into(t, &c, "plain", SASL_AUXPROP, DELIVERY_VIRTUAL), DONE);
    assert_holds(scratch_read(t, "plain/postfix/main.cf.postreeve"),
                 "\nsmtpd_sasl_security_options = noplaintext, noanonymous\n"
                 "smtpd_sasl_tls_security_options = noplaintext, noanonymous\n");
    assert_holds(scratch_read(t, "plain/postfix/sasl/smtpd.conf"),
                 "\nmech_list: CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256\n");
}

static enum outcome render_maps(struct task *t, const struct config *c, const char *name, enum maps maps)
{
    struct render_options o = { scratch_path(t, name).at, "/var/spool/postfix", SASL_DOVECOT, DELIVERY_VIRTUAL, maps, DKIM_NONE,
                                DOVECOT_2_3 };

    return render(t, c, &o);
}

/* Without a signer nothing is said of milters: an operator may have some. */
static void postfix_is_told_who_signs(void **state)
{
    static const struct { enum dkim dkim; const char *milter, *line; } cases[] = {
        { DKIM_NONE, "", NULL },
        { DKIM_OPENDKIM, "", "\nsmtpd_milters = inet:127.0.0.1:8891\nnon_smtpd_milters = $smtpd_milters\n" },
        { DKIM_RSPAMD, "", "\nsmtpd_milters = inet:127.0.0.1:11332\n" },
        { DKIM_OPENDKIM, "unix:/run/opendkim/opendkim.sock", "\nsmtpd_milters = unix:/run/opendkim/opendkim.sock\n" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct config c = scratch_config();
        struct render_options o = { scratch_path(t, "signer").at, "/var/spool/postfix", SASL_DOVECOT, DELIVERY_VIRTUAL,
                                    MAPS_MYSQL, cases[i].dkim, DOVECOT_2_3 };

        c.dkim.milter = text_of(cases[i].milter);
        assert_int_equal(render(t, &c, &o), DONE);
        if (cases[i].line)
            assert_holds(scratch_read(t, "signer/postfix/main.cf.postreeve"), cases[i].line);
        else
            assert_null(strstr(scratch_read(t, "signer/postfix/main.cf.postreeve").at, "milter"));
        c.dkim.milter = TEXT("inet:127.0.0.1:1\nmynetworks=0.0.0.0/0");
        assert_int_equal(render(t, &c, &o), INVALID);
    }
}

static void maps_are_named_as_they_are_asked(void **state)
{
    static const struct { enum maps maps; const char *name, *before, *between; bool asks_database; } cases[] = {
        { MAPS_MYSQL, "m", "mysql:", "/postfix/mysql_relay_domains.cf", true },
        { MAPS_PROXY, "x", "proxy:mysql:", "/postfix/mysql_relay_domains.cf", true },
        { MAPS_LMDB, "l", "lmdb:", "/postfix/table_relay_domains", false },
        { MAPS_HASH, "h", "hash:", "/postfix/table_relay_domains", false },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct config c = scratch_config();
        struct text main_cf, below = scratch_path(t, cases[i].name);

        print_message("  %s\n", cases[i].before);
        assert_int_equal(render_maps(t, &c, cases[i].name, cases[i].maps), DONE);
        main_cf = scratch_read(t, task_printf(t, "%s/postfix/main.cf.postreeve", cases[i].name).at);
        assert_holds(main_cf, task_printf(t, "\nrelay_domains = %s%s%s\n", cases[i].before, below.at, cases[i].between).at);
        assert_int_equal(strstr(main_cf.at, "\nproxy_read_maps = $local_recipient_maps,\n") != NULL,
                         cases[i].maps == MAPS_PROXY);
        assert_int_equal(strstr(main_cf.at, "mysql:") != NULL, cases[i].asks_database);
        for (const struct question *q = questions; q->map; q++) {
            struct text file = task_printf(t, "%s/postfix/mysql_%s.cf", cases[i].name, q->map);
            bool there = scratch_read(t, file.at).at != NULL;

            assert_int_equal(there, q->asker == ASKED_BY_POSTFIX && q->answer != ANSWER_LOG_IN && cases[i].asks_database);
            if (cases[i].maps == MAPS_PROXY && there)
                assert_holds(main_cf, task_printf(t, "    proxy:mysql:%s/postfix/mysql_%s.cf", below.at, q->map).at);
        }
        assert_int_equal(scratch_read(t, task_printf(t, "%s/postfix/mysql_client.cnf", cases[i].name).at).at != NULL,
                         cases[i].asks_database);
    }
}

static void the_message_size_fits_into_a_mailbox(void **state)
{
    static const struct { int64_t mailbox; const char *line; } cases[] = {
        { 51200000, "\nmessage_size_limit = 10240000\n" },
        { 5000000, "\nmessage_size_limit = 5000000\n" },
        { 0, "\nmessage_size_limit = 10240000\n" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct config c = scratch_config();

        c.mail.virtual_mailbox_limit = cases[i].mailbox;
        assert_int_equal(render_into(t, &c, "size", SASL_DOVECOT, DELIVERY_VIRTUAL), DONE);
        assert_holds(scratch_read(t, "size/postfix/main.cf.postreeve"), cases[i].line);
    }
}

static void hosts_are_written_as_each_daemon_reads_them(void **state)
{
    const struct { struct endpoint servers[3]; size_t count; const char *postfix, *cyrus, *dovecot, *courier;
    } cases[] = {
        { { { TEXT("db.example.jp"), 0 } }, 1, "\nhosts = db.example.jp\n", "\nsql_hostnames: db.example.jp\n",
          " host=db.example.jp dbname", "\nMYSQL_SERVER db.example.jp\nMYSQL_PORT 0\n" },
        { { { TEXT("10.0.0.1"), 3307 } }, 1, "\nhosts = inet:10.0.0.1:3307\n", "\nsql_hostnames: 10.0.0.1:3307\n",
          " host=10.0.0.1 port=3307 ", "\nMYSQL_SERVER 10.0.0.1\nMYSQL_PORT 3307\n" },
        { { { TEXT("::1"), 3307 } }, 1, "\nhosts = inet:[::1]:3307\n", "\nsql_hostnames: ::1:3307\n",
          " host=::1 port=3307 ", "\nMYSQL_SERVER ::1\nMYSQL_PORT 3307\n" },
        { { { TEXT("a.jp"), 3307 }, { TEXT("b.jp"), 3307 }, { TEXT("::1"), 3307 } }, 3,
          "\nhosts = inet:a.jp:3307 inet:b.jp:3307 inet:[::1]:3307\n",
          "\nsql_hostnames: a.jp:3307,b.jp:3307,::1:3307\n", " host=a.jp host=b.jp host=::1 port=3307 ",
          "\nMYSQL_SERVER a.jp\nMYSQL_PORT 3307\n" },
        { { { TEXT("localhost"), 0 }, { TEXT("b.jp"), 0 } }, 2, "\nhosts = unix:/run/mysqld/mysqld.sock b.jp\n",
          "\nsql_hostnames: localhost,b.jp\n", " host=/run/mysqld/mysqld.sock host=b.jp dbname",
          "\nMYSQL_SERVER localhost\nMYSQL_SOCKET /run/mysqld/mysqld.sock\nMYSQL_PORT 0\n" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct config c = scratch_config();
        struct endpoint servers[COUNT(cases[0].servers)];

        memcpy(servers, cases[i].servers, sizeof servers);
        c.lookup.servers = (struct endpoints){ servers, cases[i].count };
        print_message("%s", cases[i].postfix + 1);
        assert_int_equal(render_into(t, &c, "host", SASL_AUXPROP, DELIVERY_LMTP), DONE);
        assert_holds(scratch_read(t, "host/postfix/mysql_virtual_alias_maps.cf"), cases[i].postfix);
        assert_holds(scratch_read(t, "host/postfix/sasl/smtpd.conf"), cases[i].cyrus);
        assert_holds(scratch_read(t, "host/dovecot/dovecot-sql.conf.ext"), cases[i].dovecot);
        assert_int_equal(render_into(t, &c, "host-courier", SASL_AUTHDAEMOND, DELIVERY_VIRTUAL), DONE);
        assert_holds(scratch_read(t, "host-courier/courier/authmysqlrc"), cases[i].courier);
        assert_int_equal(strstr(scratch_read(t, "host/postfix/main.cf.postreeve").at, "MYSQL_UNIX_PORT") != NULL,
                         strstr(cases[i].postfix, "unix:") != NULL);
    }
}

static void one_port_is_all_that_dovecot_takes(void **state)
{
    struct endpoint servers[] = { { TEXT("a.jp"), 0 }, { TEXT("b.jp"), 3306 }, { TEXT("c.jp"), 3307 } };
    struct task *t = fresh_task(state);
    struct config c = scratch_config();

    c.lookup.servers = (struct endpoints){ servers, 3 };
    assert_int_equal(render_into(t, &c, "ports", SASL_DOVECOT, DELIVERY_VIRTUAL), INVALID);
    assert_int_equal(render_into(t, &c, "ports", SASL_AUXPROP, DELIVERY_LMTP), INVALID);
    assert_int_equal(render_into(t, &c, "ports", SASL_AUXPROP, DELIVERY_VIRTUAL), DONE);
    c.lookup.servers.count = 2; /* 3306 is the usual one */
    assert_int_equal(render_into(t, &c, "ports", SASL_DOVECOT, DELIVERY_VIRTUAL), DONE);
}

static void dovecot_gets_the_syntax_of_its_version(void **state)
{
    struct endpoint servers[] = { { TEXT("a.jp"), 3307 }, { TEXT("::1"), 3308 }, { TEXT("localhost"), 0 } };
    struct task *t = fresh_task(state);
    struct config c = scratch_config();

    c.tls.certificate = TEXT("/c.pem");
    c.tls.key = TEXT("/k.pem");
    c.sasl.default_domain = TEXT("example.jp");
    assert_int_equal(render_for(t, &c, "v3", SASL_DOVECOT, DELIVERY_LMTP, DOVECOT_2_3), DONE);
    assert_holds(scratch_read(t, "v3/dovecot/postreeve.conf.ext"), "\nssl_cert = </c.pem\nssl_key = </k.pem\n");
    assert_holds(scratch_read(t, "v3/dovecot/postreeve.conf.ext"), "\nmail_location = maildir:~/\n");
    assert_holds(scratch_read(t, "v3/dovecot/postreeve.conf.ext"), "\nauth_default_realm = example.jp\n");
    assert_holds(scratch_read(t, "v3/dovecot/dovecot-sql.conf.ext"), "\niterate_query = SELECT m.username AS user ");
    assert_null(strstr(scratch_read(t, "v3/dovecot/postreeve.conf.ext").at, "quota"));

    c.lookup.servers = (struct endpoints){ servers, COUNT(servers) };
    assert_int_equal(render_for(t, &c, "v4", SASL_DOVECOT, DELIVERY_LMTP, DOVECOT_2_4), DONE); /* ports may differ */
    assert_holds(scratch_read(t, "v4/dovecot/postreeve.conf.ext"), "\nssl_server_cert_file = /c.pem\n");
    assert_holds(scratch_read(t, "v4/dovecot/postreeve.conf.ext"), " WHERE m.username = LOWER('%{user}') AND ");
    assert_holds(scratch_read(t, "v4/dovecot/postreeve.conf.ext"), "\nmail_driver = maildir\nmail_path = ~/\n");
    assert_holds(scratch_read(t, "v4/dovecot/postreeve.conf.ext"), "\nauth_default_domain = example.jp\n");
    assert_holds(scratch_read(t, "v4/dovecot/dovecot-sql.conf.ext"), "\nmysql a.jp {\n  port = 3307\n");
    assert_holds(scratch_read(t, "v4/dovecot/dovecot-sql.conf.ext"), "\nmysql ::1 {\n  port = 3308\n");
    assert_holds(scratch_read(t, "v4/dovecot/dovecot-sql.conf.ext"), "\nmysql /run/mysqld/mysqld.sock {\n  dbname = ");
    assert_null(scratch_read(t, "v4/dovecot/dovecot-sql-app.conf.ext").at);
}

static void a_quota_is_held_where_dovecot_is(void **state)
{
    struct text percents[] = { TEXT("80"), TEXT("95"), TEXT("80") };
    struct task *t = fresh_task(state);
    struct config c = scratch_config();

    c.dovecot.quota = true;
    c.dovecot.quota_warnings = (struct texts){ percents, COUNT(percents) };
    assert_int_equal(render_for(t, &c, "q0", SASL_AUXPROP, DELIVERY_VIRTUAL, DOVECOT_2_3), DONE);
    assert_null(strstr(scratch_read(t, "q0/postfix/main.cf.postreeve").at, "quota-status"));
    assert_null(scratch_read(t, "q0/dovecot/quota-warning").at);
    assert_int_equal(render_for(t, &c, "q3", SASL_DOVECOT, DELIVERY_VIRTUAL, DOVECOT_2_3), DONE);
    assert_holds(scratch_read(t, "q3/postfix/main.cf.postreeve"), ",\n    check_policy_service { unix:private/quota-status,");
    assert_holds(scratch_read(t, "q3/dovecot/postreeve.conf.ext"),
                 "\n  quota_warning = storage=95%% quota-warning 95 %u\n  quota_warning2 = storage=80%% quota-warning 80 %u\n}\n");
    assert_int_equal(about(t, "q3/dovecot/dovecot-dict-quota.conf.ext").st_mode & 07007, 0);
    assert_int_equal(about(t, "q3/dovecot/quota-warning").st_mode & 0777, 0755);
    assert_holds(scratch_read(t, "q3/dovecot/quota-warning-95.letter"), "\nSubject: =?UTF-8?B?");
    assert_holds(scratch_read(t, "q3/dovecot/quota-warning-95.letter"), " has passed 95% of its size.\n");
    assert_int_equal(render_for(t, &c, "q4", SASL_DOVECOT, DELIVERY_VIRTUAL, DOVECOT_2_4), DONE);
    assert_holds(scratch_read(t, "q4/dovecot/postreeve.conf.ext"), "\n    quota_storage_size = %{sql:quota_bytes}B\n");
    assert_null(scratch_read(t, "q4/dovecot/dovecot-dict-quota.conf.ext").at);
    assert_int_equal(render_for(t, &c, "q4", SASL_DOVECOT, DELIVERY_VIRTUAL, DOVECOT_2_4), DONE); /* knows its program again */
    c.dovecot.quota_warnings.count = 0;
    assert_int_equal(render_for(t, &c, "q5", SASL_DOVECOT, DELIVERY_VIRTUAL, DOVECOT_2_4), DONE);
    assert_null(scratch_read(t, "q5/dovecot/quota-warning").at);
    assert_null(strstr(scratch_read(t, "q5/dovecot/postreeve.conf.ext").at, "quota-warning"));
}

static void a_warning_has_the_operators_words(void **state)
{
    static const struct { const char *file; enum outcome o; } cases[] = {
        { "Subject: {percent}% \xE6\xBA\x80\n\nDear {address},\n$(id) `id` {percent}\n", DONE },
        { "Subjekt: x\n\ny\n", INVALID },
        { "Subject: a\x01\x62\n\ny\n", INVALID },
        { "Subject: \xFF\n\ny\n", INVALID },
        { NULL, INVALID },
    };
    struct text percent = TEXT("7");

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct config c = scratch_config();

        c.path = TEXT("postreeve.conf");
        c.dovecot.quota = true;
        c.dovecot.quota_warnings = (struct texts){ &percent, 1 };
        c.dovecot.quota_warning_file = scratch_path(t, cases[i].file ? "words" : "no-words");
        if (cases[i].file)
            scratch_write(t, "words", cases[i].file, 0644);
        assert_int_equal(render_for(t, &c, "words.d", SASL_DOVECOT, DELIVERY_VIRTUAL, DOVECOT_2_3), cases[i].o);
        if (cases[i].o != DONE)
            continue;
        /* The percent is put in, the address is left to who knows it; what the shell would take is not in the program. */
        assert_holds(scratch_read(t, "words.d/dovecot/quota-warning-7.letter"), "\nSubject: =?UTF-8?B?NyUg5rqA?=\n");
        assert_holds(scratch_read(t, "words.d/dovecot/quota-warning-7.letter"), "\n\nDear {address},\n$(id) `id` 7\n");
        assert_null(strstr(scratch_read(t, "words.d/dovecot/quota-warning").at, "Dear"));
    }
}

static void secrets_are_for_nobody_else(void **state)
{
    struct task *t = fresh_task(state);
    struct config c = scratch_config();

    assert_int_equal(render_into(t, &c, "modes", SASL_AUXPROP, DELIVERY_LMTP), DONE);
    assert_int_equal(about(t, "modes/postfix/mysql_virtual_alias_maps.cf").st_mode & 07007, 0);
    assert_int_equal(about(t, "modes/postfix/sasl/smtpd.conf").st_mode & 07007, 0);
    assert_int_equal(about(t, "modes/dovecot/dovecot-sql.conf.ext").st_mode & 07007, 0);
    assert_int_equal(about(t, "modes/dovecot/dovecot-sql-app.conf.ext").st_mode & 07007, 0);
    assert_int_equal(about(t, "modes/postfix/main.cf.postreeve").st_mode & 0777, 0644);
    assert_null(strstr(scratch_read(t, "modes/postfix/main.cf.postreeve").at, "pA55"));
    assert_null(strstr(scratch_read(t, "modes/postfix/master.cf.postreeve").at, "pA55"));
    assert_null(strstr(scratch_read(t, "modes/dovecot/postreeve.conf.ext").at, "pA55"));
}

static void the_same_again_touches_nothing(void **state)
{
    struct task *t = fresh_task(state);
    struct config c = scratch_config();
    struct stat before, other;
    size_t count;

    assert_int_equal(render_into(t, &c, "same", SASL_DOVECOT, DELIVERY_VIRTUAL), DONE);
    before = about(t, "same/postfix/mysql_virtual_alias_maps.cf");
    other = about(t, "same/postfix/main.cf.postreeve");
    count = scratch_count(t, "same/postfix");
    assert_int_equal(render_into(t, &c, "same", SASL_DOVECOT, DELIVERY_VIRTUAL), DONE);
    assert_int_equal(about(t, "same/postfix/mysql_virtual_alias_maps.cf").st_ino, before.st_ino);
    c.lookup.password = TEXT("another");
    assert_int_equal(render_into(t, &c, "same", SASL_DOVECOT, DELIVERY_VIRTUAL), DONE);
    assert_holds(scratch_read(t, "same/postfix/mysql_virtual_alias_maps.cf"), "\npassword = another\n");
    assert_int_equal(about(t, "same/postfix/main.cf.postreeve").st_ino, other.st_ino);
    task_close(t); /* what lies beside is gone with the task */
    *state = task_open();
    assert_int_equal(scratch_count(*state, "same/postfix"), count);
}

static void a_file_of_somebody_elses_stays(void **state)
{
    struct task *t = fresh_task(state);
    struct config c = scratch_config();

    assert_int_equal(render_into(t, &c, "hand", SASL_DOVECOT, DELIVERY_VIRTUAL), DONE);
    scratch_write(t, "hand/postfix/mysql_transport_maps.cf", "# mine\n", 0644);
    c.lookup.password = TEXT("another");
    assert_int_equal(render_into(t, &c, "hand", SASL_DOVECOT, DELIVERY_VIRTUAL), CONFLICT);
    assert_text(scratch_read(t, "hand/postfix/mysql_transport_maps.cf"), "# mine\n");
    assert_holds(scratch_read(t, "hand/postfix/mysql_virtual_alias_maps.cf"), "\npassword = pA55-word\n");
}

static void what_is_no_file_stays(void **state)
{
    struct task *t = fresh_task(state);
    struct text path = scratch_path(t, "pipe");
    struct output *out = NULL;
    struct stat there;

    assert_int_equal(mkfifo(path.at, 0600), 0);
    assert_int_equal(output_open(t, path.at, OUTPUT_PUBLIC, &out), CONFLICT);
    assert_int_equal(stat(path.at, &there), 0);
    assert_true(S_ISFIFO(there.st_mode));
    assert_int_equal(output_open(t, "/dev/null", OUTPUT_PUBLIC, &out), CONFLICT);
    assert_int_equal(stat("/dev/null", &there), 0);
    assert_true(S_ISCHR(there.st_mode));
}

static void settings_cannot_break_out_of_a_file(void **state)
{
    static const char *const bad[] = {
        "a\nquery = x", "a b", "a\tb", "$x",  "a{b", "a}b", "a\"b", "a'b",
        "a%u",          "a#b", "a\\",  "a;b", "a,b", "a`b", "\x7F",
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct config c = scratch_config();
        struct text *const settings[] = { &c.lookup.socket,
                                          &c.lookup.name,
                                          &c.lookup.user,
                                          &c.lookup.password,
                                          &c.mail.virtual_mailbox_base,
                                          &c.mail.hostname,
                                          &c.tls.certificate,
                                          &c.tls.key,
                                          &c.sasl.default_domain,
                                          &c.sasl.authdaemond_socket,
                                          &c.sasl.saslauthd_directory,
                                          &c.mail.recipient_delimiter,
                                          &c.dovecot.report_url };

        print_message("  %zu\n", i);
        for (size_t k = 0; k < COUNT(settings); k++) {
            struct task *t = fresh_task(state);
            struct text fine = *settings[k];

            *settings[k] = task_printf(t, "/%s", bad[i]);
            assert_int_equal(render_into(t, &c, "bad", SASL_AUXPROP, DELIVERY_LMTP), INVALID);
            assert_int_equal(render_for(t, &c, "bad", SASL_DOVECOT, DELIVERY_LMTP, DOVECOT_2_4), INVALID);
            assert_int_equal(render_into(t, &c, "bad", SASL_AUTHDAEMOND, DELIVERY_VIRTUAL), INVALID);
            assert_int_equal(render_into(t, &c, "bad", SASL_SASLAUTHD, DELIVERY_VIRTUAL), INVALID);
            *settings[k] = fine;
        }
    }
    assert_null(scratch_read(fresh_task(state), "bad/postfix/main.cf.postreeve").at);
}

/* What the configuration's own checks keep away, and more: the file is what must not be broken. */
static void no_setting_of_postfix_can_break_out_of_a_file(void **state)
{
    static const char *const bad[] = {
        "a\nsmtpd_relay_restrictions = permit", "a\tb", "$x",  "a{b", "a}b", "a\"b", "a'b",
        "a%u",                                  "a#b",  "a\\", "a,b", "a`b", "a\r", "\x7F",
    };
    struct config c = scratch_config();
    struct text *const texts[] = {
        &c.postfix.inet_protocols,    &c.postfix.banner_words,     &c.postfix.system_mail_to,
        &c.postfix.home_mailbox,      &c.postfix.alias_file,
        &c.postfix.smtpd_tls_CAfile,  &c.postfix.smtp_tls_security_level,
        &c.postfix.smtp_tls_CAfile,   &c.postfix.relayhost,        &c.mail.hostname,
        &c.tls.certificate,           &c.tls.key,
    };
    struct texts *const lists[] = {
        &c.postfix.mynetworks,          &c.postfix.inet_interfaces,     &c.postfix.system_accounts,
        &c.postfix.reject_rbl_client,   &c.postfix.reject_rhsbl_sender, &c.postfix.reject_rhsbl_helo,
        &c.postfix.reject_rhsbl_reverse_client, &c.postfix.warn_rbl_client,
    };

    for (size_t i = 0; i <= COUNT(bad); i++) {
        struct text value = i < COUNT(bad) ? text_of(bad[i]) : (struct text){ "a\0b", 3 };

        print_message("  %zu\n", i);
        for (size_t k = 0; k < COUNT(texts); k++) {
            struct text fine = *texts[k];

            *texts[k] = value;
            assert_int_equal(render_into(fresh_task(state), &c, "bad2", SASL_DOVECOT, DELIVERY_LMTP), INVALID);
            *texts[k] = fine;
        }
        for (size_t k = 0; k < COUNT(lists); k++) {
            struct texts fine = *lists[k];

            *lists[k] = (struct texts){ &value, 1 };
            assert_int_equal(render_into(fresh_task(state), &c, "bad2", SASL_DOVECOT, DELIVERY_LMTP), INVALID);
            *lists[k] = fine;
        }
    }
    assert_null(scratch_read(fresh_task(state), "bad2/postfix/main.cf.postreeve").at);
    assert_int_equal(render_into(fresh_task(state), &c, "bad2", SASL_DOVECOT, DELIVERY_LMTP), DONE);
}

static void the_guides_settings_are_in_main_cf(void **state)
{
    static const char *const lines[] = {
        "\nmynetworks = 127.0.0.0/8, [2001:db8::]/32\n",
        "\nsmtpd_banner = $myhostname ESMTP Postfix\n",
        "\nmydestination =\n",
        "\nvirtual_mailbox_domains = $myhostname, localhost, mysql:",
        "\n    inline:{ { root = root@$myhostname }, { root@localhost = root@$myhostname },\n"
        "        { www-data = www-data@$myhostname }, { www-data@localhost = www-data@$myhostname } }\n",
        "\n    inline:{ { root@$myhostname = local: },\n        { www-data@$myhostname = local: } }\n",
        ",\n    reject_rbl_client zen.test=127.0.0.[2;4..11],\n"
        "    warn_if_reject reject_rbl_client zen.test=127.0.0.[2;4..11]\n",
        "\nmailbox_size_limit = 0\n",
    };
    struct task *t = fresh_task(state);
    struct config c = scratch_config();

    assert_int_equal(render_into(t, &c, "guides", SASL_DOVECOT, DELIVERY_VIRTUAL), DONE);
    for (size_t i = 0; i < COUNT(lines); i++)
        assert_holds(scratch_read(t, "guides/postfix/main.cf.postreeve"), lines[i]);
    c.postfix.system_mail_to = TEXT("admin@example.jp");
    assert_int_equal(render_into(t, &c, "guides", SASL_DOVECOT, DELIVERY_VIRTUAL), DONE);
    assert_holds(scratch_read(t, "guides/postfix/main.cf.postreeve"), "{ root@localhost = admin@example.jp }");
    assert_null(strstr(scratch_read(t, "guides/postfix/main.cf.postreeve").at, "local:"));
}

static void option_files_are_read_as_the_client_library_does(void **state)
{
    static const struct { const char *content, *user, *password, *socket; enum outcome o;
    } cases[] = {
        { "[client]\nuser = postfix\npassword=secret\nsocket = /s\n", "postfix", "secret", "/s", DONE },
        { "# [client]\n[mysqld]\nuser = root\n[client]\nuser=\"a\" \npassword = 'b#c' # d\n", "a", "b#c", "",
          DONE },
        { "[client-server]\nuser = a\npassword = b # c\n", "a", "b", "", DONE },
        { "[client]\npassword = b\n", NULL, NULL, NULL, INVALID },
        { "[client]\nuser = a\n!include /etc/x\n", NULL, NULL, NULL, INVALID },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct database_settings d = { .option_file = scratch_path(t, "my.cnf"), .name = TEXT("postreeve") };
        struct access a;

        print_message("  %zu\n", i);
        scratch_write(t, "my.cnf", cases[i].content, 0600);
        assert_int_equal(access_read(t, &d, &a), cases[i].o);
        if (cases[i].o != DONE)
            continue;
        assert_text(a.user, cases[i].user);
        assert_text(a.password, cases[i].password);
        assert_int_equal(a.socket.length, strlen(cases[i].socket));
    }
}

#define TOKEN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-"

static void dovecot_reports_where_a_token_is_named(void **state)
{
    static const struct { const char *content; mode_t mode; enum outcome o; } cases[] = {
        { TOKEN "\n", 0640, DONE },      { TOKEN "\n", 0644, INVALID },   { "", 0600, INVALID },
        { TOKEN "x", 0600, INVALID },    { TOKEN "\nx", 0600, INVALID },  { TOKEN "\n" TOKEN, 0600, INVALID },
        { "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO $", 0600, INVALID },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct config c = scratch_config();
        struct text file, main_file;

        print_message("  %zu\n", i);
        scratch_write(t, "token", cases[i].content, cases[i].mode);
        assert_int_equal(chmod(scratch_path(t, "token").at, cases[i].mode), 0);
        c.dovecot.report_url = TEXT("http://127.0.0.1:8080");
        c.dovecot.report_token_file = scratch_path(t, "token");
        assert_int_equal(render_into(t, &c, cases[i].o == DONE ? "report" : "no-report", SASL_DOVECOT, DELIVERY_VIRTUAL),
                         cases[i].o);
        file = scratch_read(t, "report/dovecot/dovecot-report.conf.ext");
        main_file = scratch_read(t, "report/dovecot/postreeve.conf.ext");
        assert_holds(file, "\nauth_policy_server_url = http://127.0.0.1:8080/api/v1/log-ins/report\n");
        assert_holds(file, "\nauth_policy_server_api_header = Authorization:Bearer " TOKEN "\n");
        assert_int_equal(about(t, "report/dovecot/dovecot-report.conf.ext").st_mode & 07007, 0);
        assert_holds(main_file, "\n!include_try ");
        assert_null(strstr(main_file.at, TOKEN));
        assert_null(scratch_read(t, "no-report/dovecot/postreeve.conf.ext").at);
        assert_int_equal(unlink(scratch_path(t, "token").at), 0);
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
        TASK_TEST(every_choice_gets_its_files),
        TASK_TEST(who_checks_log_ins_gets_their_files),
        TASK_TEST(without_clear_text_only_challenges_are_left),
        TASK_TEST(postfix_is_told_who_signs),
        TASK_TEST(maps_are_named_as_they_are_asked),
        TASK_TEST(the_message_size_fits_into_a_mailbox),
        TASK_TEST(hosts_are_written_as_each_daemon_reads_them),
        TASK_TEST(one_port_is_all_that_dovecot_takes),
        TASK_TEST(dovecot_gets_the_syntax_of_its_version),
        TASK_TEST(a_quota_is_held_where_dovecot_is),
        TASK_TEST(a_warning_has_the_operators_words),
        TASK_TEST(secrets_are_for_nobody_else),
        TASK_TEST(the_same_again_touches_nothing),
        TASK_TEST(a_file_of_somebody_elses_stays),
        TASK_TEST(what_is_no_file_stays),
        TASK_TEST(settings_cannot_break_out_of_a_file),
        TASK_TEST(no_setting_of_postfix_can_break_out_of_a_file),
        TASK_TEST(the_guides_settings_are_in_main_cf),
        TASK_TEST(dovecot_reports_where_a_token_is_named),
        TASK_TEST(option_files_are_read_as_the_client_library_does),
    };

    umask(0); /* modes must not rest on the caller's */
    return cmocka_run_group_tests_name("lookup/render", tests, NULL, remove_scratch);
}
