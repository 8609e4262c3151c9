/* tests/lookup/test_answers.c - what each map answers, on a private MariaDB (POSTREEVE_TEST_SOCKET), as the
 * account postfix
 *
 * The tables are data.sql's. The same keys over Postfix's own mysql: are tests/stack's affair.
 */
#include "support/support.h"

#include "lookup/directory.h"
#include "lookup/output.h"
#include "lookup/tables.h"
#include "lookup/render_parts.h"
#include "lookup/vquota.h"
#include "model/relay.h"
#include "model/vault.h"
#include "scratch.h"
#include "store/connection.h"
#include "store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char database[64];
static MYSQL *root;
static struct config config; /* texts last as long as `kept` */
static struct task *kept;

/* ---- the tables, made once ---- */

static void run_sql(const char *sql)
{
    int more = mysql_query(root, sql);

    do {
        MYSQL_RES *rows = more == 0 ? mysql_store_result(root) : NULL;

        if (mysql_errno(root))
            fail_msg("%s", mysql_error(root));
        mysql_free_result(rows);
    } while ((more = mysql_next_result(root)) == 0);
    if (mysql_errno(root))
        fail_msg("%s", mysql_error(root));
}

static void run_file(const char *path)
{
    static char sql[65536];
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(sql, 1, sizeof sql - 1, file) : 0;

    assert_true(length > 0 && length < sizeof sql - 1);
    fclose(file);
    sql[length] = '\0';
    run_sql(sql);
}

static void said(const char *name, int statements)
{
    (void)name;
    (void)statements;
}

/* "of NAME: x"; that of `broken` is another's. */
static void seal_passwords(void)
{
    static const char *const names[] = { "all", "taro", "domain", "off", "to", "to-2", "to-3", "broken" };
    struct task *t = task_open();

    for (size_t i = 0; i < COUNT(names); i++) {
        bool broken = strcmp(names[i], "broken") == 0;
        struct text context = relay_context(t, text_of(broken ? "all" : names[i])), sealed = TEXT("");

        assert_int_equal(vault_seal(t, "password", config.vault, VAULT_RELAY, task_printf(t, "of %s: x", names[i]), context,
                                    &sealed), DONE);
        run_sql(task_printf(t, "UPDATE postreeve_relay SET password = '%s' WHERE name = '%s'", task_c_string(t, sealed),
                            names[i]).at);
    }
    task_close(t);
}

static int make_tables(void **state)
{
    const char *socket = getenv("POSTREEVE_TEST_SOCKET");
    char sql[512];
    struct task *t = task_open();
    struct store_settings as_root = { .socket = text_of(socket), .user = TEXT("root"),
                                      .connect_seconds = 5, .read_seconds = 60, .write_seconds = 60,
                                      .quota_multiplier = 1024000 };

    (void)state;
    if (!socket)
        fail_msg("POSTREEVE_TEST_SOCKET is not set (tests/lib/mariadb start DIR prints it)");
    snprintf(database, sizeof database, "lookup_%ld", (long)getpid());
    as_root.name = text_of(database);
    root = mysql_init(NULL);
    mysql_options(root, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!mysql_real_connect(root, NULL, "root", NULL, NULL, 0, socket, CLIENT_MULTI_STATEMENTS))
        fail_msg("%s", mysql_error(root));
    snprintf(sql, sizeof sql, "CREATE DATABASE %s CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; USE %s;"
             " CREATE USER IF NOT EXISTS postreeve@localhost; CREATE USER IF NOT EXISTS postfix@localhost",
             database, database);
    run_sql(sql);
    assert_int_equal(store_connect(t, &as_root), DONE);
    assert_int_equal(migrate(t, said), DONE);
    task_close(t);
    run_file(GRANTS_FILE);
    run_file(DATA_FILE);

    kept = task_open();
    config = scratch_config();
    config.vault = vault_from_key(kept, TEXT("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"));
    seal_passwords();
    config.lookup.socket = text_of(socket);
    config.lookup.name = text_of(database);
    config.lookup.password = TEXT("");
    return 0;
}

static int drop_tables(void **state)
{
    char sql[128];

    (void)state;
    snprintf(sql, sizeof sql, "DROP DATABASE %s", database);
    run_sql(sql);
    mysql_close(root);
    task_close(kept);
    scratch_remove();
    return 0;
}

static struct task *connected(void **state)
{
    struct task *t = fresh_task(state);

    assert_int_equal(directory_connect(t, &config), DONE);
    return t;
}

/* ---- what the maps say ---- */

/* What Courier gets: one of the passwords is empty, both where it could not check what is stored. */
#define COURIER(user, crypted, clear, maildir)                                                                     \
    "user=" user "\thome=/var/vmail/" maildir "\tuid=10000\tgid=10000\tcrypt_password=" crypted "\tclear_password=" clear \
    "\tmaildir=/var/vmail/" maildir
#define DISABLED "550 5.2.1 This address is disabled"

static const struct { const char *map, *key, *value; } cases[] = {
    { "virtual_mailbox_domains", "example.jp", "example.jp" },
    { "virtual_mailbox_domains", "EXAMPLE.jp", "example.jp" },
    { "virtual_mailbox_domains", "alias.jp", "alias.jp" },
    { "virtual_mailbox_domains", "off.jp", NULL },
    { "virtual_mailbox_domains", "backup.jp", NULL },
    { "virtual_mailbox_domains", "nobody.jp", NULL },
    { "virtual_mailbox_domains", "only.jp", "only.jp" },
    { "virtual_alias_domains", "only.jp", NULL }, /* in one class, and not in two */
    { "virtual_alias_domains", "example.jp", NULL },
    { "virtual_alias_domains", "backup.jp", NULL },
    { "relay_recipient_maps", "@backup.jp", "@backup.jp" },
    { "relay_recipient_maps", "any@backup.jp", NULL }, /* Postfix asks for @backup.jp last */
    { "relay_recipient_maps", "known@list.jp", "known@list.jp" },
    { "relay_recipient_maps", "blocked@list.jp", NULL },
    { "relay_recipient_maps", "any@list.jp", NULL },
    { "relay_recipient_maps", "@list.jp", NULL },
    { "relay_recipient_maps", "postmaster@role.jp", "postmaster@role.jp" },
    { "relay_recipient_maps", "@role.jp", "@role.jp" },
    { "relay_recipient_maps", "@shut.jp", "@shut.jp" },
    { "relay_recipient_maps", "box@boxed.jp", "box@boxed.jp" },
    { "relay_recipient_maps", "@boxed.jp", NULL },
    { "relay_recipient_maps", "taro@example.jp", NULL },
    { "relay_recipient_maps", "@example.jp", NULL },
    { "check_recipient_access", "blocked@shut.jp", DISABLED },
    { "sender_dependent_relayhost_maps", "taro@example.jp", "[smart.example.net]:587" },
    { "sender_dependent_relayhost_maps", "Taro@Example.JP", "[smart.example.net]:587" },
    { "sender_dependent_relayhost_maps", "hana@example.jp", NULL },
    { "sender_dependent_relayhost_maps", "@example.jp", "[2001:db8::25]:465" },
    { "sender_dependent_relayhost_maps", "@exact.jp", "[open.example.net]:25" },
    { "sender_dependent_relayhost_maps", "@lmtp.jp", NULL },
    { "sender_dependent_relayhost_maps", "far.example.net", NULL },
    { "sender_dependent_relayhost_maps", "*", NULL },
    { "sender_dependent_relayhost_maps", "<>", NULL },
    { "sender_dependent_default_transport_maps", "taro@example.jp", "smtp-relay:[smart.example.net]:587" },
    { "sender_dependent_default_transport_maps", "@example.jp", "smtp-wrapped:[2001:db8::25]:465" },
    { "sender_dependent_default_transport_maps", "@lmtp.jp", NULL },
    { "transport_maps", "far.example.net", "smtp-relay:[to.example.net]:587" },
    { "transport_maps", ".far.example.net", "smtp-wrapped:[two.example.net]:465" },
    { "transport_maps", "@exact.jp", NULL },
    { "smtp_tls_policy_maps", "[smart.example.net]:587", "secure match=nexthop" }, /* the strictest of two */
    { "smtp_tls_policy_maps", "[2001:db8::25]:465", "encrypt" },
    { "smtp_tls_policy_maps", "[open.example.net]:25", "none" },
    { "smtp_tls_policy_maps", "[192.0.2.99]:25", "none" },
    { "smtp_tls_policy_maps", "smart.example.net", NULL },
    { "smtp_tls_policy_maps", "[smart.example.net]", NULL },
    { "smtp_tls_policy_maps", "[smart.example.net]:25", NULL },
    { "smtp_tls_policy_maps", "[]:25", NULL },
    { "smtp_sasl_password_maps", "[smart.example.net]:587", "all:of all: x" },
    { "smtp_sasl_password_maps", "taro@example.jp", "taro:of taro: x" }, /* two log-ins at one server */
    { "smtp_sasl_password_maps", "[2001:db8::25]:465", "domain:of domain: x" },
    { "smtp_sasl_password_maps", "@example.jp", NULL }, /* the server tells it */
    { "smtp_sasl_password_maps", "[to.example.net]:587", "to:of to: x" },
    { "smtp_sasl_password_maps", "[open.example.net]:25", NULL },
    { "smtp_sasl_password_maps", "*", NULL },
    { "relay_domains", "backup.jp", "backup.jp" },
    { "relay_domains", "example.jp", NULL },
    { "relay_domains", "off.jp", NULL },
    { "transport_maps", "example.jp", NULL },
    { "transport_maps", "lmtp.jp", "lmtp:unix:private/dovecot-lmtp" },
    { "transport_maps", "backup.jp", "smtp:[192.0.2.1]" },
    { "transport_maps", "off.jp", NULL },
    { "transport_maps", "taro@example.jp", "smtp:[192.0.2.9]:2525" },
    { "transport_maps", "Taro@Example.JP", "smtp:[192.0.2.9]:2525" },
    { "transport_maps", "hana@example.jp", NULL }, /* Postfix goes on to ask for the domain */
    { "transport_maps", "both.jp", "lmtp:inet:[192.0.2.4]:24" }, /* and not what its column says */
    { "transport_maps", "lmtp.example.net", NULL },
    { "transport_maps", ".example.net", "relay:[192.0.2.7]" },
    { "transport_maps", "example.net", NULL },
    { "transport_maps", "quiet@example.jp", NULL }, /* inactive */
    { "transport_maps", "*", "relay:[192.0.2.6]" },
    { "transport_maps", "@example.jp", NULL },
    { "transport_maps", "a b", NULL },

    { "check_sender_access", "spam@example.net", "REJECT 5.7.1 Not from you, 'thanks'" },
    { "check_sender_access", "Spam@Example.NET", "REJECT 5.7.1 Not from you, 'thanks'" },
    { "check_sender_access", "ham@example.net", NULL },
    { "check_sender_access", "example.net", "DUNNO" },
    { "check_sender_access", "root@", "HOLD" },
    { "check_sender_access", "quiet@example.net", NULL },
    { "check_sender_access", "@example.net", NULL },
    { "check_sender_access", ".example.net", NULL },

    { "virtual_mailbox_maps", "taro@example.jp", "example.jp/taro/" },
    { "virtual_mailbox_maps", "Taro@Example.JP", "example.jp/taro/" },
    { "virtual_mailbox_maps", "taro@alias.jp", "example.jp/taro/" },
    { "virtual_mailbox_maps", "big@alias.jp", NULL }, /* an alias of its own goes first */
    { "virtual_mailbox_maps", "taro@quiet.jp", NULL },
    { "virtual_mailbox_maps", "taro+tag@example.jp", NULL }, /* Postfix takes the extension off */
    { "virtual_mailbox_maps", "gone@example.jp", NULL },
    { "virtual_mailbox_maps", "gone@alias.jp", NULL },
    { "virtual_mailbox_maps", "info@example.jp", NULL },
    { "virtual_mailbox_maps", "x@off.jp", NULL },
    { "virtual_mailbox_maps", "x@tooff.jp", NULL },
    { "virtual_mailbox_maps", "@example.jp", NULL },
    { "virtual_mailbox_maps", "おやじ@lmtp.jp", "lmtp.jp/oyaji/" },

    { "virtual_alias_maps", "taro@example.jp", "taro@example.jp" },
    { "virtual_alias_maps", "info@example.jp", "taro@example.jp,hana@example.jp" },
    { "virtual_alias_maps", "hana@example.jp", "\"a..b\"@docomo.ne.jp,hana@example.jp" },
    { "virtual_alias_maps", "@example.jp", "big@example.jp" },
    { "virtual_alias_maps", "none@example.jp", NULL },
    { "virtual_alias_maps", "gone@lmtp.jp", NULL }, /* switched off, and no catch-all that would take its mail */
    { "virtual_alias_maps", "gone@example.jp", "gone@example.jp" },
    { "virtual_alias_maps", "half@example.jp", "half@example.jp" }, /* its mailbox is off, its alias row is not */
    { "virtual_alias_maps", "half@alias.jp", "half@alias.jp" },
    { "virtual_alias_maps", "old@example.jp", "old@example.jp" },
    { "virtual_alias_maps", "fair@example.jp", "taro@example.jp" },
    { "virtual_alias_maps", "fair@alias.jp", "hana@example.jp" },
    { "virtual_alias_maps", "over@example.jp", "over@example.jp" }, /* its time is over: not the catch-all's either */
    { "virtual_alias_maps", "over@alias.jp", "over@alias.jp" },
    { "virtual_alias_maps", "over@lmtp.jp", NULL },
    { "virtual_alias_maps", "@exact.jp", NULL },
    { "virtual_alias_maps", "info@alias.jp", "taro@example.jp,hana@example.jp" },
    { "virtual_alias_maps", "postmaster@alias.jp", "hana@example.jp" },
    { "virtual_alias_maps", "big@alias.jp", "taro@example.jp" },
    { "virtual_alias_maps", "dead@alias.jp", "dead@alias.jp" },
    { "virtual_alias_maps", "none@alias.jp", NULL }, /* or an extension would never be looked at */
    { "virtual_alias_maps", "@alias.jp", "big@example.jp" },
    { "virtual_alias_maps", "@quiet.jp", NULL },
    { "virtual_alias_maps", "x@off.jp", NULL },
    { "virtual_alias_maps", "x@tooff.jp", NULL },
    { "virtual_alias_maps", "root", NULL },
    { "virtual_alias_maps", "' OR 1 = 1 -- @example.jp", NULL },
    { "virtual_alias_maps", "o'taro@example.jp", NULL },
    { "virtual_alias_maps", "おやじ@example.jp", NULL },
    { "virtual_alias_maps", "\xE3\x81@example.jp", NULL },

    { "check_recipient_access", "taro@example.jp", NULL },
    { "check_recipient_access", "none@example.jp", NULL },
    { "check_recipient_access", "gone@lmtp.jp", DISABLED },
    { "check_recipient_access", "gone@example.jp", DISABLED },
    { "check_recipient_access", "half@example.jp", DISABLED },
    { "check_recipient_access", "old@example.jp", DISABLED },
    { "check_recipient_access", "gone@alias.jp", DISABLED },
    { "check_recipient_access", "old@alias.jp", DISABLED },
    { "check_recipient_access", "dead@alias.jp", DISABLED },
    { "check_recipient_access", "fair@example.jp", NULL },
    { "check_recipient_access", "over@example.jp", DISABLED },
    { "check_recipient_access", "over@alias.jp", DISABLED },
    { "check_recipient_access", "over@lmtp.jp", DISABLED },
    { "check_recipient_access", "none@exact.jp", NULL }, /* its catch-all is over: an unknown user */
    { "check_recipient_access", "gone@quiet.jp", NULL },
    { "check_recipient_access", "x@off.jp", NULL }, /* no domain of ours: refused as a relay attempt */

    { "smtpd_sender_login_maps", "taro@example.jp", "taro@example.jp" },
    { "smtpd_sender_login_maps", "taro@alias.jp", "taro@example.jp" },
    { "smtpd_sender_login_maps", "big@alias.jp", NULL },
    { "smtpd_sender_login_maps", "hana@example.jp", "hana@example.jp,big@example.jp,taro@example.jp" },
    { "smtpd_sender_login_maps", "hana@alias.jp", "hana@example.jp,big@example.jp,taro@example.jp" },
    { "smtpd_sender_login_maps", "info@example.jp", "taro@example.jp" },
    { "smtpd_sender_login_maps", "info@alias.jp", "taro@example.jp" },
    { "smtpd_sender_login_maps", "big@example.jp", "big@example.jp" },
    { "smtpd_sender_login_maps", "old@example.jp", NULL },
    { "smtpd_sender_login_maps", "おやじ@lmtp.jp", "おやじ@lmtp.jp,hana@example.jp" },
    { "smtpd_sender_login_maps", "おやじ+list@lmtp.jp", NULL }, /* Postfix takes the extension off first */
    { "smtpd_sender_login_maps", "nobody@lmtp.jp", NULL },      /* and asks for @lmtp.jp last */
    { "smtpd_sender_login_maps", "@lmtp.jp", "hana@example.jp" },
    { "smtpd_sender_login_maps", "@example.jp", NULL },
    { "smtpd_sender_login_maps", "x@off.jp", NULL },
    { "smtpd_sender_login_maps", "@off.jp", NULL },
    { "smtpd_sender_login_maps", "gone@example.jp", NULL },

    { "virtual_mailbox_limit_maps", "hana@example.jp", "1000" },
    { "virtual_mailbox_limit_maps", "taro@example.jp", "51200000" },
    { "virtual_mailbox_limit_maps", "big@example.jp", "51200000" },
    { "virtual_mailbox_limit_maps", "read@example.jp", "51200000" },
    { "virtual_mailbox_limit_maps", "gone@example.jp", NULL },
    { "virtual_mailbox_limit_maps", "@example.jp", "10240000" },
    { "virtual_mailbox_limit_maps", "@exact.jp", "2500000" },
    { "virtual_mailbox_limit_maps", "@alias.jp", "51200000" },
    { "virtual_mailbox_limit_maps", "@off.jp", NULL },

    { "sasl_auxprop", "hana@example.jp", "pass wörd{" },
    { "sasl_auxprop", "HANA@example.JP", "pass wörd{" },
    { "sasl_auxprop", "taro@example.jp", NULL }, /* a stored hash is no password */
    { "sasl_auxprop", "big@example.jp", NULL },  /* nor is what only resembles the prefix */
    { "sasl_auxprop", "gone@example.jp", NULL },
    { "sasl_auxprop", "read@example.jp", NULL }, /* may read, not send */
    { "sasl_auxprop", "void@example.jp", NULL },
    { "sasl_auxprop", "cold@lmtp.jp", NULL }, /* frozen: no log-in, and mail as ever */
    { "virtual_mailbox_maps", "cold@lmtp.jp", "lmtp.jp/cold/" },
    { "virtual_alias_maps", "cold@lmtp.jp", "cold@lmtp.jp" },
    { "check_recipient_access", "cold@lmtp.jp", NULL },
    { "dovecot_passdb", "cold@lmtp.jp", NULL },
    { "dovecot_userdb", "cold@lmtp.jp",
      "home=/var/vmail/lmtp.jp/cold/\tuid=10000\tgid=10000"
      "\tquota_rule=*:bytes=51200000\tquota_bytes=51200000" },
    { "sasl_auxprop", "x@off.jp", NULL },
    { "sasl_auxprop", "おやじ@lmtp.jp", NULL },

    { "dovecot_passdb", "good@ends.jp", "user=good@ends.jp\tpassword={CLEARTEXT}good" },
    { "dovecot_passdb", "late@ends.jp", NULL }, /* its password is too old: no log-in, and mail as ever */
    { "dovecot_userdb", "late@ends.jp",
      "home=/var/vmail/ends.jp/late/\tuid=10000\tgid=10000"
      "\tquota_rule=*:bytes=51200000\tquota_bytes=51200000" },
    { "sasl_auxprop", "good@ends.jp", "good" },
    { "sasl_auxprop", "late@ends.jp", NULL },
    { "virtual_mailbox_maps", "late@ends.jp", "ends.jp/late/" },
    { "dovecot_passdb", "taro@example.jp",
      "user=taro@example.jp\tpassword=$1$abcdefgh$irWbblnpmw.5z7wgBnprh0" },
    { "dovecot_passdb", "read@example.jp", "user=read@example.jp\tpassword={CLEARTEXT}read" },
    { "dovecot_passdb", "gone@example.jp", NULL },
    { "dovecot_passdb", "taro@alias.jp", NULL },
    { "dovecot_passdb", "x@off.jp", NULL },
    { "dovecot_userdb", "hana@example.jp",
      "home=/var/vmail/example.jp/hana/\tuid=10000\tgid=10000"
      "\tquota_rule=*:bytes=1000\tquota_bytes=1000" },
    { "dovecot_userdb", "gone@example.jp", NULL },

    { "courier_login", "taro@example.jp", COURIER("taro@example.jp", "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0", "", "example.jp/taro/") },
    { "courier_login", "hana@example.jp", COURIER("hana@example.jp", "", "pass wörd{", "example.jp/hana/") },
    { "courier_login", "big@example.jp", COURIER("big@example.jp", "", "big", "example.jp/big/") },
    { "courier_login", "good@ends.jp", COURIER("good@ends.jp", "", "good", "ends.jp/good/") },
    { "courier_login", "void@example.jp", COURIER("void@example.jp", "", "", "example.jp/void/") },
    { "courier_login", "おやじ@lmtp.jp", COURIER("おやじ@lmtp.jp", "$6$x", "", "lmtp.jp/oyaji/") },
    { "courier_login", "read@example.jp", COURIER("read@example.jp", "", "read", "example.jp/read/") },
    { "courier_login", "HANA@EXAMPLE.JP", COURIER("hana@example.jp", "", "pass wörd{", "example.jp/hana/") },
    { "courier_login", "gone@example.jp", NULL },
    { "courier_login", "cold@lmtp.jp", NULL },
    { "courier_login", "late@ends.jp", NULL },
    { "courier_login", "x@off.jp", NULL },
    { "courier_login", "taro@alias.jp", NULL },
    { "courier_login", "@example.jp", NULL },
};

static void each_key_has_its_answer(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = connected(state);
        struct text value = TEXT("");
        enum outcome o = directory_answer(t, &config, question_named(text_of(cases[i].map)), text_of(cases[i].key), &value);

        print_message("  %s %s\n", cases[i].map, cases[i].key);
        assert_int_equal(o, cases[i].value ? DONE : MISSING);
        assert_text(value, cases[i].value ? cases[i].value : "");
    }
}

/* Courier knows other prefixes than Dovecot, and must open to nobody to whom Dovecot does not. */
static void courier_is_given_what_it_reads_as_dovecot_does(void **state)
{
    static const struct { const char *stored, *crypted, *clear; } passwords[] = {
        { "$6$salt$hash", "$6$salt$hash", "" },
        { "{CRYPT}$y$j9T$salt$hash", "$y$j9T$salt$hash", "" },
        { "{sha512-crypt}$6$salt$hash", "$6$salt$hash", "" },
        { "{BLF-CRYPT}$2y$05$hash", "$2y$05$hash", "" },
        { "{SSHA}aGFzaA==", "{SSHA}aGFzaA==", "" },
        { "{ssha}aGFzaA==", "{ssha}aGFzaA==", "" },
        { "{PLAIN}se}cr{et", "", "se}cr{et" },
        { "{CLEAR}$1$se$cret", "", "$1$se$cret" },
        { "{CLEARTEXT}{SHA}x", "", "{SHA}x" },
        { "{CRYPT}{SHA}x", "", "" },
        { "{SSHA256}aGFzaA==", "", "" },
        { "{SHA.HEX}00", "", "" },
        { "{ARGON2ID}$argon2id$x", "", "" },
        { "{MD5}aGFzaA==", "", "" },
        { "{LOCKED}x", NULL, NULL },
        { "{PLAIN}a\nUID=0", NULL, NULL },
        { "{CLEARTEXT", "", "" },
        { "{", "", "" },
        { "", "", "" },
    };

    run_sql("INSERT INTO mailbox (username, password, maildir, local_part, domain)"
            " VALUES ('kinds@example.jp', '', 'example.jp/kinds/', 'kinds', 'example.jp')");
    for (size_t i = 0; i < COUNT(passwords); i++) {
        struct task *t = connected(state);
        struct text value = TEXT(""), expected = TEXT("");

        print_message("  %s\n", passwords[i].stored);
        run_sql(task_printf(t, "UPDATE mailbox SET password = '%s' WHERE username = 'kinds@example.jp'",
                            passwords[i].stored).at);
        if (passwords[i].crypted)
            expected = task_printf(t, COURIER("kinds@example.jp", "%s", "%s", "example.jp/kinds/"),
                                   passwords[i].crypted, passwords[i].clear);
        assert_int_equal(directory_answer(t, &config, question_named(TEXT("courier_login")), TEXT("kinds@example.jp"), &value),
                         passwords[i].crypted ? DONE : MISSING);
        assert_text(value, expected.at);
    }
    run_sql("DELETE FROM mailbox WHERE username = 'kinds@example.jp'");
}

/* No mail program asks for a code: with a second factor, programs have passwords of their own. Of those that Postfix Admin made
 * the newest that is not locked answers; which of ours is for Dovecot to say. */
static void a_second_factor_needs_passwords_of_programs(void **state)
{
    static const struct { bool needed; const char *map, *value; } asks[] = {
        { true, "dovecot_passdb", NULL },
        { true, "sasl_auxprop", NULL },
        { true, "courier_login", NULL }, /* which cannot ask for the password of a program */
        { true, "dovecot_app_passdb", "user=taro@ends.jp\tpassword={PLAIN}newest\tapp_password=72" },
        { false, "dovecot_passdb", "user=taro@ends.jp\tpassword={CLEARTEXT}main" },
        { false, "sasl_auxprop", "main" },
        { false, "courier_login", COURIER("taro@ends.jp", "", "main", "ends.jp/taro/") },
        { false, "dovecot_app_passdb", "user=taro@ends.jp\tpassword={PLAIN}newest\tapp_password=72" },
    };

    run_sql("INSERT INTO mailbox (username, password, maildir, local_part, domain, password_expiry, totp_secret) VALUES"
            " ('taro@ends.jp', '{CLEARTEXT}main', 'ends.jp/taro/', 'taro', 'ends.jp', NOW() + INTERVAL 1 DAY, 'JBSWY3DP');"
            "INSERT INTO mailbox_app_password (id, username, password_hash, selector) VALUES"
            " (71, 'taro@ends.jp', '{PLAIN}older', NULL), (72, 'taro@ends.jp', '{PLAIN}newest', NULL),"
            " (73, 'taro@ends.jp', '{LOCKED}{PLAIN}x', NULL), (74, 'taro@ends.jp', '{PLAIN}ours', 'ab')");
    for (size_t i = 0; i < COUNT(asks); i++) {
        struct task *t = connected(state);
        struct text value = TEXT("");
        enum outcome o;

        config.password.second_factor_needs_app_password = asks[i].needed;
        o = directory_answer(t, &config, question_named(text_of(asks[i].map)), TEXT("taro@ends.jp"), &value);
        assert_int_equal(o, asks[i].value ? DONE : MISSING);
        assert_text(value, asks[i].value ? asks[i].value : "");
    }
    run_sql("DELETE FROM mailbox WHERE username = 'taro@ends.jp'; DELETE FROM mailbox_app_password");
}

/* A password that is there and cannot be said is no "none": a smart host would be asked without it, and refuse the mail. */
static void a_log_in_that_cannot_be_told_is_no_answer(void **state)
{
    static const struct { const char *spoil, *key, *mend; } cases_of_it[] = {
        { "SELECT 1", "[broken.example.net]:587", "SELECT 1" },  /* sealed under another context */
        { "SELECT 1", "[two.example.net]:465", "SELECT 1" },     /* two log-ins, and no sender to tell them by */
        { "UPDATE postreeve_relay SET password = NULL WHERE name = 'to'", "[to.example.net]:587", "SELECT 1" },
        { "UPDATE postreeve_relay SET password = 'clear' WHERE name = 'to'", "[to.example.net]:587", "SELECT 1" },
        { "UPDATE postreeve_relay SET username = 'a b' WHERE name = 'domain'", "[2001:db8::25]:465",
          "UPDATE postreeve_relay SET username = 'domain' WHERE name = 'domain'" },
        { "UPDATE postreeve_relay SET username = 'a:b' WHERE name = 'domain'", "[2001:db8::25]:465",
          "UPDATE postreeve_relay SET username = 'domain' WHERE name = 'domain'" },
    };
    const struct vault *key = config.vault;

    for (size_t i = 0; i < COUNT(cases_of_it); i++) {
        struct task *t = connected(state);
        struct text value = TEXT("");

        print_message("  %s %s\n", cases_of_it[i].key, cases_of_it[i].spoil);
        run_sql(cases_of_it[i].spoil);
        assert_int_equal(directory_answer(t, &config, question_named(TEXT("smtp_sasl_password_maps")),
                                          text_of(cases_of_it[i].key), &value), RETRY);
        run_sql(cases_of_it[i].mend);
    }
    config.vault = NULL;
    for (size_t i = 0; i < 2; i++) {
        struct text value = TEXT("");

        assert_int_equal(directory_answer(connected(state), &config, question_named(TEXT("smtp_sasl_password_maps")),
                                          TEXT("[smart.example.net]:587"), &value), RETRY);
    }
    config.vault = key;
    seal_passwords();
}

static void every_statement_fits_the_tables(void **state)
{
    struct task *t = connected(state);
    struct text wrong = TEXT("");

    for (const struct question *q = questions; q->map; q++) {
        struct statement s = directory_statement(q);

        assert_int_equal(statement_check(t, &s, &wrong), DONE);
        for (size_t i = 0; q->asker == ASKED_BY_POSTFIX && tables_statement(t, q, i, &s); i++)
            assert_int_equal(statement_check(t, &s, &wrong), DONE);
    }
    for (const struct statement *s = relay_of_everything_statements; s->name; s++)
        assert_int_equal(statement_check(t, s, &wrong), DONE);
    for (const struct statement *s = vquota_statements; s->name; s++)
        assert_int_equal(statement_check(t, s, &wrong), DONE);
}

static struct text names_of(struct task *t, const struct rows *rows)
{
    const struct answer *row = rows->items;
    struct text all = TEXT("");

    for (size_t i = 0; i < rows->count; i++)
        all = task_printf(t, "%s%s ", all.at, row[i].user.at);
    return all;
}

/* What `doveadm -A` goes through: everybody who is delivered to, and nobody else. */
static void all_log_ins_are_those_that_have_a_home(void **state)
{
    const struct question *q = question_named(TEXT("dovecot_iterate"));
    struct task *t = connected(state);
    struct asked a = directory_settings(&config);
    struct statement s = directory_statement(q);
    struct rows rows = { 0 };
    struct text all, answer;

    assert_int_equal(statement_all(t, &s, &a, &rows), DONE);
    all = names_of(t, &rows);
    assert_non_null(strstr(all.at, "taro@example.jp "));
    assert_non_null(strstr(all.at, "read@example.jp "));
    assert_null(strstr(all.at, "gone@example.jp "));
    assert_null(strstr(all.at, "x@off.jp "));
    assert_int_equal(directory_answer(t, &config, q, TEXT("taro@example.jp"), &answer), MISSING);
}

static void a_database_that_is_away_is_no_answer(void **state)
{
    struct config away = config;
    struct task *t = fresh_task(state);

    away.lookup.socket = scratch_path(t, "no.sock");
    assert_int_equal(directory_connect(t, &away), RETRY);
}

/* ---- the text that the daemons get: rows by key alone ---- */

static struct text replaced(struct task *t, struct text in, const char *what, const char *by)
{
    struct text out = TEXT("");
    size_t length = strlen(what);

    for (size_t i = 0; i < in.length;) {
        bool here = text_starts(text_part(in, i, in.length), text_of(what));

        out = task_join(t, out, here ? text_of(by) : text_part(in, i, 1));
        i += here ? length : 1;
    }
    return out;
}

static struct text as_asked(struct task *t, const struct question *q, const char *whole, const char *domain)
{
    struct asked settings = directory_settings(&config);
    struct text sql = question_text(t, q, &settings);

    sql = replaced(t, sql, "%u@%r", whole);
    sql = replaced(t, replaced(t, sql, "$(local_part)@$(domain)", whole), "$(service)", "smtp");
    sql = replaced(t, sql, q->asker == ASKED_BY_DOVECOT ? "%u" : "%s", whole);
    return replaced(t, replaced(t, sql, "%d", domain), "%s", "smtp");
}

static void assert_by_key(const char *map, MYSQL_ROW row)
{
    static const char *const fine[] = { "const", "eq_ref", "unique_subquery", "system" };
    const char *table = row[2], *type = row[3], *key = row[5];

    if (!type || !table || table[0] == '<') /* no row at all, or the rows of the UNION put together */
        return;
    for (size_t i = 0; i < COUNT(fine); i++)
        if (strcmp(type, fine[i]) == 0)
            return;
    /* the rows of one sender, beside each other */
    if (key && strcmp(key, "PRIMARY") == 0 && (strcmp(type, "ref") == 0 || strcmp(type, "index_subquery") == 0))
        return;
    if (key && strncmp(key, "username", 8) == 0) /* the passwords of one mailbox's programs */
        return;
    if (key && (strcmp(key, "domain") == 0 || strncmp(key, "postreeve_", 10) == 0) && (strcmp(type, "ref") == 0 || strcmp(type, "index_subquery") == 0))
        return; /* whether there is any in a domain */
    if (key && strcmp(key, "nexthop") == 0 && strcmp(type, "ref") == 0) /* the log-ins at one server */
        return;
    fail_msg("%s reads %s by %s", map, table, type);
}

/* Of a handful of rows MariaDB reads all, however they are asked for. */
static void every_table_is_entered_by_its_key(void **state)
{
    static const struct { const char *local_part, *domain; } keys[] = {
        { "taro", "example.jp" }, { "taro", "alias.jp" }, { "", "alias.jp" }, { "gone", "alias.jp" },
        { "x", "nobody.jp" }, { "", "backup.jp" }, { "", "list.jp" },
    };

    run_sql("INSERT INTO mailbox (username, password, maildir, local_part, domain)"
            " SELECT CONCAT(seq, '@bulk.jp'), '', '', seq, 'bulk.jp' FROM seq_1_to_500;"
            "INSERT INTO alias (address, goto, domain) SELECT CONCAT(seq, '@bulk.jp'), 'x@x.jp', 'bulk.jp' FROM seq_1_to_500;"
            "ANALYZE TABLE mailbox, alias");
    for (const struct question *q = questions; q->map; q++)
        for (size_t i = 0; q->answer != ANSWER_LOG_IN && q->key != KEY_NONE && i < COUNT(keys); i++) { /* no daemon's; all rows */
            struct task *t = fresh_task(state);
            struct text address = task_printf(t, "%s@%s", keys[i].local_part, keys[i].domain);
            struct text sql = as_asked(t, q, q->key == KEY_DOMAIN ? keys[i].domain : address.at, keys[i].domain);
            MYSQL_RES *rows;
            MYSQL_ROW row;

            if (mysql_query(root, task_printf(*state, "EXPLAIN %s", sql.at).at) != 0)
                fail_msg("%s: %s in %s", q->map, mysql_error(root), sql.at);
            rows = mysql_store_result(root);
            while ((row = mysql_fetch_row(rows)))
                assert_by_key(q->map, row);
            mysql_free_result(rows);
        }
    run_sql("DELETE FROM mailbox WHERE domain = 'bulk.jp'; DELETE FROM alias WHERE domain = 'bulk.jp'");
}

/* The daemons' text and the prepared statement are one question. */
static void the_written_text_gives_the_same_value(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct question *q = question_named(text_of(cases[i].map));
        struct task *t = fresh_task(state);
        struct asked a = { 0 };
        struct text sql, all;
        MYSQL_RES *rows;
        MYSQL_ROW row;

        if ((q->answer != ANSWER_VALUE && q->answer != ANSWER_LIST) || strchr(cases[i].key, '\'')
            || !question_key(t, q, text_of(cases[i].key), &a))
            continue;
        print_message("  %s %s\n", cases[i].map, cases[i].key);
        sql = as_asked(t, q, task_c_string(t, a.key), task_c_string(t, a.domain));
        assert_int_equal(mysql_query(root, sql.at), 0);
        rows = mysql_store_result(root);
        all = TEXT("");
        while ((row = mysql_fetch_row(rows))) /* as Postfix puts them together */
            if (row[0] && *row[0])
                all = task_printf(t, "%s%s%s", all.at, all.length ? "," : "", row[0]);
        assert_text(all, cases[i].value ? cases[i].value : "");
        mysql_free_result(rows);
    }
}

/* ---- what the account postfix cannot read ---- */

static void the_account_reads_no_more_than_it_asks_for(void **state)
{
    static const struct { const char *sql; bool may; } reads[] = {
        { "SELECT username, password, quota FROM mailbox", true },
        { "SELECT maxquota, maxquota_bytes FROM domain", true },
        { "SELECT destination, transport FROM postreeve_transport", true },
        { "SELECT description FROM postreeve_transport", false },
        { "SELECT sender, action, reply FROM postreeve_sender_access", true },
        { "SELECT sender, login FROM postreeve_sender_login", true },
        { "SELECT id FROM postreeve_sender_login", false },
        { "SELECT name, scope, nexthop, tls, username, password FROM postreeve_relay", true }, /* sealed */
        { "SELECT description FROM postreeve_relay", false },
        { "SELECT token FROM mailbox", false },
        { "SELECT totp_secret FROM mailbox", false },
        { "SELECT * FROM mailbox", false },
        { "SELECT username FROM admin", false },
        { "SELECT digest FROM postreeve_session", false },
        { "SELECT id FROM log", false },
        { "UPDATE mailbox SET password = ''", false },
        { "DELETE FROM alias", false },
    };
    MYSQL *postfix = mysql_init(NULL);

    (void)state;
    assert_non_null(mysql_real_connect(postfix, NULL, "postfix", "", database, 0,
                                       getenv("POSTREEVE_TEST_SOCKET"), 0));
    for (size_t i = 0; i < COUNT(reads); i++) {
        int failed = mysql_query(postfix, reads[i].sql);

        print_message("  %s\n", reads[i].sql);
        mysql_free_result(failed ? NULL : mysql_store_result(postfix));
        assert_int_equal(failed == 0, reads[i].may);
    }
    mysql_close(postfix);
}

/* ---- files of the maps ---- */

/* A postmap that writes down what it was asked and makes a table of that name, or fails. */
static void put_postmap_on_path(struct task *t, bool works)
{
    scratch_write(t, "postmap",
                  works ? "#!/bin/sh\necho \"$*\" >> \"$(dirname \"$0\")/asked\"\n: > \"${2#*:}.db\"\n"
                        : "#!/bin/sh\nexit 1\n",
                  0755);
    setenv("PATH", task_printf(t, "%s:/usr/bin:/bin", scratch_directory()).at, 1);
}

static ino_t inode(struct task *t, const char *name)
{
    struct stat s;

    return stat(scratch_path(t, name).at, &s) == 0 ? s.st_ino : 0;
}

static enum outcome tables_below(void **state, const char *below, enum maps maps)
{
    struct task *t = connected(state);

    return tables(t, &config, scratch_path(t, below).at, maps);
}

static void a_file_holds_every_answer(void **state)
{
    put_postmap_on_path(*state, true);
    assert_int_equal(tables_below(state, "t", MAPS_HASH), DONE);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct question *q = question_named(text_of(cases[i].map));
        struct task *t = fresh_task(state);
        struct asked a = { 0 };
        struct text file, line;

        if (!tables_hold(q, MAPS_HASH) || !question_key(t, q, text_of(cases[i].key), &a))
            continue;
        print_message("  %s %s\n", cases[i].map, cases[i].key);
        file = scratch_read(t, task_printf(t, "t/postfix/table_%s", q->map).at);
        line = task_printf(t, "\n%s\t%s%s", task_c_string(t, a.key), cases[i].value ? cases[i].value : "",
                           cases[i].value ? "\n" : "");
        assert_true((strstr(file.at, line.at) != NULL) == (cases[i].value != NULL));
    }
}

/* Not a line for "none": the letters would be sent without a log-in. */
static void a_log_in_that_cannot_be_told_is_one_that_fails(void **state)
{
    struct text file;

    put_postmap_on_path(*state, true);
    assert_int_equal(tables_below(state, "p", MAPS_PROXY), DONE);
    assert_int_equal(scratch_count(fresh_task(state), "p/postfix"), 2);
    file = scratch_read(*state, "p/postfix/table_smtp_sasl_password_maps");
    assert_non_null(strstr(file.at, "\n[broken.example.net]:587\tme:\n"));
    assert_non_null(strstr(file.at, "\n[smart.example.net]:587\tall:of all: x\n"));
    assert_null(strstr(file.at, "open.example.net"));
}

static void what_is_the_same_is_not_touched(void **state)
{
    ino_t domains, aliases;

    put_postmap_on_path(*state, true);
    assert_int_equal(tables_below(state, "s", MAPS_HASH), DONE);
    domains = inode(*state, "s/postfix/table_virtual_mailbox_domains.db");
    aliases = inode(*state, "s/postfix/table_virtual_alias_maps.db");
    run_sql("UPDATE alias SET goto = 'big@example.jp' WHERE address = 'info@example.jp'");
    assert_int_equal(tables_below(state, "s", MAPS_HASH), DONE);
    assert_int_equal(inode(*state, "s/postfix/table_virtual_mailbox_domains.db"), domains);
    assert_int_not_equal(inode(*state, "s/postfix/table_virtual_alias_maps.db"), aliases);
    run_sql("UPDATE alias SET goto = 'taro@example.jp,hana@example.jp' WHERE address = 'info@example.jp'");

    aliases = inode(*state, "s/postfix/table_virtual_alias_maps.db");
    put_postmap_on_path(*state, false);
    assert_int_equal(tables_below(state, "s", MAPS_HASH), CONFLICT);
    assert_int_equal(inode(*state, "s/postfix/table_virtual_alias_maps.db"), aliases);
    assert_non_null(strstr(scratch_read(*state, "s/postfix/table_virtual_alias_maps").at, "\tbig@example.jp\n"));
}

static void a_table_of_somebody_elses_stays(void **state)
{
    put_postmap_on_path(*state, true);
    assert_int_equal(tables_below(state, "h", MAPS_HASH), DONE);
    scratch_write(*state, "h/postfix/table_transport_maps", "# mine\n", 0644);
    assert_int_equal(tables_below(state, "h", MAPS_HASH), CONFLICT);
    assert_text(scratch_read(*state, "h/postfix/table_transport_maps"), "# mine\n");
}

/* What anybody wrote into the database stays behind its own key. */
static void rows_cannot_break_out_of_a_table(void **state)
{
    struct text file;

    run_sql("INSERT INTO alias (address, goto, domain) VALUES"
            " ('line@lmtp.jp', 'a@lmtp.jp\nroot@lmtp.jp evil@x.jp', 'lmtp.jp'),"
            " ('nul@lmtp.jp', CONCAT('a@lmtp.jp', CHAR(0), 'x'), 'lmtp.jp'),"
            " ('key\nroot@lmtp.jp', 'evil@x.jp', 'lmtp.jp'), ('a b@lmtp.jp', 'taro@example.jp', 'lmtp.jp'),"
            " ('#c@lmtp.jp', 'taro@example.jp', 'lmtp.jp'), ('q\"x@lmtp.jp', 'taro@example.jp', 'lmtp.jp'),"
            " ('odd@lmtp.jp', '$x ${y} %s \"z', 'lmtp.jp'), ('none@lmtp.jp', '', 'lmtp.jp')");
    put_postmap_on_path(*state, true);
    assert_int_equal(tables_below(state, "b", MAPS_HASH), DONE);
    file = scratch_read(*state, "b/postfix/table_virtual_alias_maps");
    assert_non_null(strstr(file.at, "\nline@lmtp.jp\ta@lmtp.jp root@lmtp.jp evil@x.jp\n"));
    assert_non_null(strstr(file.at, "\nnul@lmtp.jp\ta@lmtp.jp x\n"));
    assert_non_null(strstr(file.at, "\n\"a b\"@lmtp.jp\ttaro@example.jp\n"));
    assert_null(strstr(file.at, "#c"));
    assert_non_null(strstr(file.at, "\n\"q\\\"x\"@lmtp.jp\ttaro@example.jp\n"));
    assert_non_null(strstr(file.at, "\nodd@lmtp.jp\t$x ${y} %s \"z\n"));
    assert_null(strstr(file.at, "\nroot@"));
    assert_null(strstr(file.at, "\nnone@lmtp.jp"));
    run_sql("DELETE FROM alias WHERE domain = 'lmtp.jp' AND address REGEXP '^(line|nul|key|a b|#c|q.x|odd|none)'");
}

/* ---- vquota ---- */

#define SIZES                                                                                     \
    "big@example.jp 51200000\nbox@boxed.jp 51200000\ncold@lmtp.jp 51200000\ngood@ends.jp 51200000\nhana@example.jp 1000\nlate@ends.jp 51200000\nread@example.jp 51200000\n"                   \
    "taro@example.jp 51200000\nvoid@example.jp 51200000\nおやじ@lmtp.jp 51200000\n"
#define DOMAIN_SIZES                                                                              \
    "@alias.jp 51200000\n@ends.jp 51200000\n@exact.jp 2500000\n@example.jp 10240000\n@lmtp.jp 51200000\n"            \
    "@only.jp 51200000\n@quiet.jp 51200000\n@tooff.jp 51200000\n"

static enum outcome write_sizes(void **state, const char *type, bool domain_defaults)
{
    struct task *t = connected(state);
    struct vquota_options options = { scratch_path(t, "vquota").at,
                                      type ? table_type_named(text_of(type)) : NULL, domain_defaults };

    return vquota(t, &config, &options);
}

static void sizes_are_capped_and_sorted(void **state)
{
    assert_int_equal(write_sizes(state, NULL, false), DONE);
    assert_text(scratch_read(*state, "vquota"), SIZES);
    assert_int_equal(write_sizes(state, NULL, true), DONE);
    assert_text(scratch_read(*state, "vquota"), SIZES DOMAIN_SIZES);
}

static void no_cap_is_no_limit(void **state)
{
    struct config before = config;

    config.mail.virtual_mailbox_limit = 0;
    assert_int_equal(write_sizes(state, NULL, false), DONE);
    config = before;
    assert_text(scratch_read(*state, "vquota"),
                "big@example.jp 99999999999\nbox@boxed.jp 0\ncold@lmtp.jp 0\ngood@ends.jp 0\nhana@example.jp 1000\nlate@ends.jp 0\nread@example.jp 0\ntaro@example.jp 0\n"
                "void@example.jp 0\nおやじ@lmtp.jp 0\n");
}

static void only_a_change_touches_the_files(void **state)
{
    ino_t text, table;

    put_postmap_on_path(*state, true);
    assert_int_equal(write_sizes(state, "hash", true), DONE);
    text = inode(*state, "vquota");
    table = inode(*state, "vquota.db");
    assert_true(text && table);
    assert_int_equal(write_sizes(state, "hash", true), DONE);
    assert_int_equal(inode(*state, "vquota"), text);
    assert_int_equal(inode(*state, "vquota.db"), table);

    assert_int_equal(unlink(scratch_path(*state, "vquota.db").at), 0);
    assert_int_equal(write_sizes(state, "hash", true), DONE);
    assert_true(inode(*state, "vquota.db"));
    assert_non_null(strstr(scratch_read(*state, "asked").at, "hash:"));
}

/* Killed between the two renames, a run leaves the new table beside the old text. */
static void what_was_cut_short_is_done_again(void **state)
{
    ino_t table;

    put_postmap_on_path(*state, true);
    assert_int_equal(write_sizes(state, "hash", true), DONE);
    table = inode(*state, "vquota.db");
    scratch_write(*state, "vquota", "the older text\n", 0644);
    assert_int_equal(write_sizes(state, "hash", true), DONE);
    assert_text(scratch_read(*state, "vquota"), SIZES DOMAIN_SIZES);
    assert_int_not_equal(inode(*state, "vquota.db"), table);
}

static void one_run_waits_for_the_other(void **state)
{
    struct task *t = fresh_task(state);
    pid_t other;
    int status;

    assert_int_equal(output_turn(t, scratch_path(t, "vquota").at), DONE);
    other = fork();
    if (other == 0) { /* a turn of its own is not to be had while that one lasts */
        int fd = open(scratch_directory(), O_RDONLY | O_CLOEXEC);

        _exit(flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK ? 0 : 1);
    }
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_int_equal(status, 0);
    assert_int_equal(write_sizes(state, NULL, true), DONE); /* by another task: that one's turn has ended */
}

static void a_failing_postmap_leaves_the_old_pair(void **state)
{
    ino_t text, table;
    size_t files;

    put_postmap_on_path(*state, true);
    assert_int_equal(write_sizes(state, "hash", true), DONE);
    text = inode(*state, "vquota");
    table = inode(*state, "vquota.db");
    files = scratch_count(fresh_task(state), "."); /* what lay beside went with the task before */
    put_postmap_on_path(*state, false);
    assert_int_equal(write_sizes(state, "hash", false), CONFLICT);
    assert_text(scratch_read(*state, "vquota"), SIZES DOMAIN_SIZES);
    assert_int_equal(inode(*state, "vquota"), text);
    assert_int_equal(inode(*state, "vquota.db"), table);
    assert_int_equal(scratch_count(fresh_task(state), "."), files);
}

static void nothing_is_written_where_nothing_can_be(void **state)
{
    struct task *t = connected(state);
    struct vquota_options options = { scratch_path(t, "no/such/vquota").at, NULL, false };

    assert_int_equal(vquota(t, &config, &options), CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(each_key_has_its_answer),
        TASK_TEST(courier_is_given_what_it_reads_as_dovecot_does),
        TASK_TEST(a_second_factor_needs_passwords_of_programs),
        TASK_TEST(a_log_in_that_cannot_be_told_is_no_answer),
        TASK_TEST(every_statement_fits_the_tables),
        TASK_TEST(all_log_ins_are_those_that_have_a_home),
        TASK_TEST(a_database_that_is_away_is_no_answer),
        TASK_TEST(every_table_is_entered_by_its_key),
        TASK_TEST(the_written_text_gives_the_same_value),
        TASK_TEST(the_account_reads_no_more_than_it_asks_for),
        TASK_TEST(a_file_holds_every_answer),
        TASK_TEST(a_log_in_that_cannot_be_told_is_one_that_fails),
        TASK_TEST(what_is_the_same_is_not_touched),
        TASK_TEST(a_table_of_somebody_elses_stays),
        TASK_TEST(rows_cannot_break_out_of_a_table),
        TASK_TEST(sizes_are_capped_and_sorted),
        TASK_TEST(no_cap_is_no_limit),
        TASK_TEST(only_a_change_touches_the_files),
        TASK_TEST(what_was_cut_short_is_done_again),
        TASK_TEST(one_run_waits_for_the_other),
        TASK_TEST(a_failing_postmap_leaves_the_old_pair),
        TASK_TEST(nothing_is_written_where_nothing_can_be),
    };

    return cmocka_run_group_tests_name("lookup/answers", tests, make_tables, drop_tables);
}
