/* tests/outside/test_compose.c - the text of a letter, as Python's reader of letters takes it, and what no letter may hold */
#include "support/support.h"

#include "outside/letter.h"
#include "outside/program.h"

#include <string.h>

#define WHEN 1795312496 /* Sun, 22 Nov 2026 01:54:56 UTC */

static struct letter letter_of(void)
{
    return (struct letter){
        .envelope_from = TEXT("bounce@example.jp"), .from = TEXT("postmaster@example.jp"),
        .from_name = TEXT("Mail office"), .to = TEXT("taro@example.jp"), .subject = TEXT("Welcome"),
        .body = TEXT("Hello\n"), .language = TEXT("en"), .message_id = TEXT("1@example.jp"), .unix_seconds = WHEN,
    };
}

static struct text composed(struct task *t, const struct letter *l)
{
    struct text out;

    assert_int_equal(letter_compose(t, l, &out), DONE);
    return out;
}

static void a_letter_to_the_octet(void **state)
{
    struct task *t = fresh_task(state);
    struct letter l = letter_of();

    assert_text(composed(t, &l), "Date: Sun, 22 Nov 2026 01:54:56 +0000\r\n"
                                 "From: \"Mail office\" <postmaster@example.jp>\r\n"
                                 "To: <taro@example.jp>\r\n"
                                 "Subject: Welcome\r\n"
                                 "Message-ID: <1@example.jp>\r\n"
                                 "Auto-Submitted: auto-generated\r\n"
                                 "MIME-Version: 1.0\r\n"
                                 "Content-Language: en\r\n"
                                 "Content-Type: text/plain; charset=UTF-8\r\n"
                                 "Content-Transfer-Encoding: 7bit\r\n"
                                 "\r\n"
                                 "Hello\r\n");
}

/* ---- Python reads it, and says what it read; names by its older reader, because its newer one leaves the blanks between
 * encoded words of a name (RFC 2047, 6.2 drops them) ---- */

static const char reader[] =
    "import sys, email, email.policy, email.header, email.utils\n"
    "raw = sys.stdin.buffer.read()\n"
    "m = email.message_from_bytes(raw, policy=email.policy.default)\n"
    "defects = [d for p in [m] + [m[k] for k in m.keys()] for d in p.defects]\n"
    "a, b = m['From'].addresses[0], m['To'].addresses[0]\n"
    "old = email.message_from_bytes(raw)\n"
    "name = lambda of: str(email.header.make_header(email.header.decode_header(email.utils.parseaddr(old[of])[0])))\n"
    "sys.stdout.write('|'.join([name('From'), a.addr_spec, name('To'), b.addr_spec, m['Subject'],\n"
    "    m.get_content().replace('\\r\\n', '\\n'), str(len(defects)), m['Date'].datetime.isoformat(), str(m.get_content_charset())]))\n"
    "assert all(len(line) <= 78 for line in raw.split(b'\\r\\n')), 'long line'\n"
    "assert raw.endswith(b'\\r\\n') and b'\\n' not in raw.replace(b'\\r\\n', b'') and b'\\r' not in raw.replace(b'\\r\\n', b'')\n"
    "raw.decode('ascii')\n";

static struct text read_by_python(struct task *t, struct text message)
{
    struct text arguments[] = { TEXT("/usr/bin/env"), TEXT("python3"), TEXT("-I"), TEXT("-c"), text_of(reader) };
    struct program p = { .arguments = { arguments, COUNT(arguments) }, .input = message, .seconds = 60 };
    struct program_end end;
    enum outcome o = program_run(t, &p, &end);

    if (o != DONE)
        fail_msg("%s: %s", end.words.at, end.output.at);
    return end.output;
}

#define LONG_JAPANESE "メールボックスの準備ができました。この件名はとても長いので、何行にも折り返されます。𠮷野家の髙橋さんへ"

static void readers_get_back_what_was_written(void **state)
{
    static const struct {
        const char *from_name, *to_name, *subject, *body;
    } cases[] = {
        { "Mail office", "Taro", "Welcome", "Hello\n" },
        { "メール管理室", "山田 太郎", "ようこそ", "こんにちは。\n.\n..\nさようなら。\n" },
        { LONG_JAPANESE, LONG_JAPANESE, LONG_JAPANESE LONG_JAPANESE LONG_JAPANESE, LONG_JAPANESE "\n" },
        { "Quote \" and \\ (and, so: on)", "a, b <c@d>", "=?UTF-8?B?eA==?= stands here", "=?UTF-8?B?eA==?=\n" },
        { "x", "y", "A long subject in plain letters that goes on and on, well past the width of any line that one may write", "a\n" },
        { "x", "y", "  blanks around ", "  blanks \n\n\n" },
        { "x", "y", "é", "a line of more than seventy-six octets in plain ASCII goes on here and there and everywhere\n" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct letter l = letter_of();
        struct text expected;

        print_message("  %s\n", cases[i].subject);
        l.from_name = text_of(cases[i].from_name);
        l.to_name = text_of(cases[i].to_name);
        l.subject = text_of(cases[i].subject);
        l.body = text_of(cases[i].body);
        expected = task_printf(t, "%s|postmaster@example.jp|%s|taro@example.jp|%s|%s|0|2026-11-22T01:54:56+00:00|utf-8",
                               cases[i].from_name, cases[i].to_name, cases[i].subject, cases[i].body);
        assert_text(read_by_python(t, composed(t, &l)), expected.at);
    }
}

static void line_ends_become_crlf(void **state)
{
    static const struct {
        const char *given, *sent;
    } cases[] = {
        { "a\nb", "a\r\nb\r\n" }, { "a\r\nb\r\n", "a\r\nb\r\n" }, { "a\rb\r", "a\r\nb\r\n" },
        { "\n\n", "\r\n\r\n" },   { "", "" },                     { "a\n\r\nb", "a\r\n\r\nb\r\n" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct letter l = letter_of();
        struct text whole;

        l.body = text_of(cases[i].given);
        whole = composed(t, &l);
        assert_true(text_ends(whole, task_join(t, TEXT("7bit\r\n\r\n"), text_of(cases[i].sent))));
    }
}

static void each_letter_has_an_id_of_its_own(void **state)
{
    struct task *t = fresh_task(state);
    struct letter l = letter_of();
    struct text first, second;

    l.message_id = (struct text){ NULL, 0 };
    first = composed(t, &l);
    second = composed(t, &l);
    assert_false(text_equal(first, second));
    assert_non_null(strstr(task_c_string(t, first), "@example.jp>\r\nAuto-Submitted"));
}

/* ---- nothing that was given may begin another header ---- */

static void what_would_break_a_header_is_refused(void **state)
{
    static const struct text breaks[] = {
        { "a\r\nBcc: x@y", 11 }, { "a\nb", 3 }, { "a\rb", 3 }, { "a\0b", 3 }, { "a\x1b[m", 4 }, { "\x7f", 1 },
        { "\xc2\x85", 2 }, { "\xff", 1 }, { "a\xe3\x81", 3 },
    };

    for (size_t i = 0; i < COUNT(breaks); i++)
        for (size_t field = 0; field < 8; field++) {
            struct task *t = fresh_task(state);
            struct letter l = letter_of();
            struct text *fields[] = { &l.subject, &l.from_name, &l.to_name, &l.from, &l.to, &l.envelope_from,
                                      &l.message_id, &l.language };
            static const char *const names[] = { "subject", "from_name", "to_name", "from", "to", "envelope_from",
                                                 "message_id", "language" };
            bool address = field >= 3 && field <= 6;
            struct text out;

            *fields[field] = address ? task_join(t, breaks[i], TEXT("@example.jp")) : breaks[i];
            assert_int_equal(letter_compose(t, &l, &out), INVALID);
            assert_text(task_problems(t)->field, names[field]);
        }
}

static void addresses_that_no_envelope_takes(void **state)
{
    static const char *const wrong[] = {
        "", "a", "@example.jp", "a@", "a b@example.jp", "a@b@c", "<a@b>", "a>@b", "太郎@example.jp", "a@例え.jp", "a,b@c",
        "\"a\"b\"@c", "\"a\\\"@b", "\"\"@b", "\"@b", "\"a\nb\"@c", "\"a@b\"@c", "\"太郎\"@b",
    };

    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct task *t = fresh_task(state);
        struct letter l = letter_of();
        struct text out;

        l.to = text_of(wrong[i]);
        assert_problem(t, letter_compose(t, &l, &out), "malformed");
    }
}

static void a_local_part_may_stand_in_quotes(void **state)
{
    static const char *const fine[] = { "\"a..b\"@docomo.ne.jp", "\"a.\"@b", "\"a b\"@c", "\"a\\\"b\"@c", "\"\\\\\"@c" };

    for (size_t i = 0; i < COUNT(fine); i++) {
        struct task *t = fresh_task(state);
        struct letter l = letter_of();

        l.to = text_of(fine[i]);
        assert_non_null(strstr(task_c_string(t, composed(t, &l)), task_printf(t, "\r\nTo: <%s>\r\n", fine[i]).at));
    }
}

static void a_reply_names_what_it_answers(void **state)
{
    struct text ids[] = { TEXT("first@far.test"), TEXT("second-without-domain") };
    struct task *t = fresh_task(state);
    struct letter l = letter_of();

    l.reply = true;
    l.in_reply_to = ids[1];
    l.references = (struct texts){ ids, 2 };
    assert_non_null(strstr(task_c_string(t, composed(t, &l)),
                           "\r\nIn-Reply-To: <second-without-domain>\r\nReferences: <first@far.test>\r\n"
                           " <second-without-domain>\r\nAuto-Submitted: auto-replied\r\nPrecedence: bulk\r\n"
                           "X-Auto-Response-Suppress: All\r\nMIME-Version: 1.0\r\n"));
    l.in_reply_to = (struct text){ 0 };
    l.references.count = 0;
    assert_null(strstr(task_c_string(t, composed(t, &l)), "In-Reply-To"));
    assert_null(strstr(task_c_string(t, composed(t, &l)), "References"));
}

static void no_reference_begins_a_header(void **state)
{
    static const struct text wrong[] = {
        { "a\r\nBcc: x@y", 11 }, { "a b@c", 5 }, { "a>@b", 4 }, { "<a@b", 4 }, { "", 0 }, { "a\0b", 3 }, { "あ@b", 5 },
    };

    for (size_t i = 0; i < COUNT(wrong); i++)
        for (int which = 0; which < 2; which++) {
            struct task *t = fresh_task(state);
            struct letter l = letter_of();
            struct text id = wrong[i], out;

            l.reply = true;
            if (which)
                l.in_reply_to = id;
            else
                l.references = (struct texts){ &id, 1 };
            assert_int_equal(letter_compose(t, &l, &out), INVALID);
            assert_text(task_problems(t)->field, which ? "in_reply_to" : "references");
        }
}

/* What has no sign in ISO-2022-JP (half-width kana, circled digits, emoji, Umlauts) makes the whole letter UTF-8. */
static void who_writes_iso_2022_jp_may_have_it_back(void **state)
{
    static const struct {
        const char *from_name, *subject, *body, *charset;
    } cases[] = {
        { "山田 太郎", "不在のお知らせ", "来週まで不在です。\n\n山田\n", "iso-2022-jp" },
        { "Taro", "Away", "plain\n", "iso-2022-jp" },
        { "aあaあaあaあaあaあaあaあaあaあaあaあaあaあaあaあaあaあaあaあaあaあaあaあ", "Re: 件名 a件名 b件名 c件名 d件名 e件名 f件名 g件名 h",
          "aあaあaあ\n", "iso-2022-jp" },
        { "太郎", "価格は100¥", "¥100\n¥\n", "iso-2022-jp" },
        { "太郎", "ﾊﾝｶｸ", "x\n", "utf-8" },
        { "太郎", "①", "x\n", "utf-8" },
        { "太郎", "件名", "😀\n", "utf-8" },
        { "Jürgen", "件名", "x\n", "utf-8" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct task *t = fresh_task(state);
        struct letter l = letter_of();
        struct text expected, whole;

        print_message("  %s\n", cases[i].subject);
        l.charset = LETTER_ISO_2022_JP;
        l.from_name = text_of(cases[i].from_name);
        l.subject = text_of(cases[i].subject);
        l.body = text_of(cases[i].body);
        whole = composed(t, &l);
        expected = task_printf(t, "%s|postmaster@example.jp||taro@example.jp|%s|%s|0|2026-11-22T01:54:56+00:00|%s",
                               cases[i].from_name, cases[i].subject, cases[i].body, cases[i].charset);
        assert_text(read_by_python(t, whole), expected.at);
    }
}

static void a_line_too_long_for_seven_bits_is_base64(void **state)
{
    struct task *t = fresh_task(state);
    struct letter l = letter_of();

    l.charset = LETTER_ISO_2022_JP;
    l.body = TEXT("");
    for (int i = 0; i < 600; i++)
        l.body = task_join(t, l.body, TEXT("長"));
    l.to_name = TEXT("Taro");
    assert_text(read_by_python(t, composed(t, &l)),
                task_printf(t, "Mail office|postmaster@example.jp|Taro|taro@example.jp|Welcome|%s\n|0|"
                               "2026-11-22T01:54:56+00:00|iso-2022-jp", l.body.at).at);
}

static void a_body_is_text(void **state)
{
    static const struct text wrong[] = { { "a\0b", 3 }, { "\xff", 1 }, { "\x1b", 1 }, { "\b", 1 } };

    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct task *t = fresh_task(state);
        struct letter l = letter_of();
        struct text out;

        l.body = wrong[i];
        assert_int_equal(letter_compose(t, &l, &out), INVALID);
        assert_text(task_problems(t)->field, "body");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TASK_TEST(a_letter_to_the_octet), TASK_TEST(readers_get_back_what_was_written),
        TASK_TEST(line_ends_become_crlf), TASK_TEST(each_letter_has_an_id_of_its_own),
        TASK_TEST(what_would_break_a_header_is_refused), TASK_TEST(addresses_that_no_envelope_takes),
        TASK_TEST(a_body_is_text), TASK_TEST(a_local_part_may_stand_in_quotes),
        TASK_TEST(a_reply_names_what_it_answers), TASK_TEST(no_reference_begins_a_header),
        TASK_TEST(who_writes_iso_2022_jp_may_have_it_back), TASK_TEST(a_line_too_long_for_seven_bits_is_base64),
    };

    return cmocka_run_group_tests_name("compose", tests, NULL, NULL);
}
