/* server/model/letter.c */
#include "model/letter.h"

#include "model/address.h"

#include <string.h>

const char *const letter_language_words[] = { "en", "ja", NULL };
const char *const letter_kind_words[] = { "welcome", "reset", "quota", NULL };
const char *const broadcast_state_words[] = { "waiting", "running", "done", "cancelled", NULL };

static const struct { const char *subject, *body; } builtin[LETTER_KINDS][LETTER_LANGUAGES] = {
    [LETTER_WELCOME] = {
        [LETTER_EN] = { "Welcome to {domain}",
                        "Hello,\n\nyour mailbox {address} is ready. This letter is the first one in it.\n\n"
                             "Log in with your whole address as the user name. You can change your password\n"
                             "at any time.\n" },
        [LETTER_JA] = { "{domain} へようこそ",
                        "こんにちは。\n\nメールボックス {address} が使えるようになりました。これが最初のメールです。\n\n"
                             "ログインのユーザー名には、メールアドレス全体を入力してください。\n"
                             "パスワードはいつでも変更できます。\n" },
    },
    [LETTER_RESET] = {
        [LETTER_EN] = { "A new password for {address}",
                        "Hello,\n\nsomebody, probably you, asked for a new password for {address}.\n"
                             "Choose one here within {minutes} minutes; the link works once:\n\n{link}\n\n"
                             "If it was not you, there is nothing to do: the password is as it was.\n" },
        [LETTER_JA] = { "{address} のパスワード再設定",
                        "こんにちは。\n\n{address} のパスワード再設定の申し込みを受け付けました。\n"
                             "{minutes} 分以内に、次のリンクから新しいパスワードを設定してください（リンクは 1 回だけ有効です）。\n\n"
                             "{link}\n\nお心当たりのない場合は、何もする必要はありません。パスワードは変更されていません。\n" },
    },
    [LETTER_QUOTA] = {
        [LETTER_EN] = { "Your mailbox is {percent}% full",
                        "Hello,\n\nyour mailbox {address} has passed {percent}% of its size.\n\n"
                             "When it is full, letters to you are refused and go back to who sent them.\n"
                             "Please delete what you no longer need, and empty the trash.\n" },
        [LETTER_JA] = { "メールボックスの使用量が {percent}% を超えました",
                        "メールボックス {address} の使用量が、容量の {percent}% を超えました。\n\n"
                             "容量がいっぱいになると、新しいメールは受信できず、送信者に返送されます。\n"
                             "不要なメールを削除し、ごみ箱を空にしてください。\n" },
    },
};

size_t letter_language(struct text word)
{
    return text_equal(word, text_of(letter_language_words[LETTER_JA])) ? LETTER_JA : LETTER_EN;
}

struct letter_template letter_builtin(enum letter_kind kind, size_t language)
{
    return (struct letter_template){ text_of(builtin[kind][language].subject), text_of(builtin[kind][language].body) };
}

const char *letter_template_read(struct text file, struct letter_template *out)
{
    const struct text mark = TEXT("Subject:");
    size_t end = text_find(file, '\n');
    struct text head = text_part(file, 0, end), rest = end == TEXT_NOT_FOUND ? TEXT("") : text_part(file, end + 1, file.length);

    if (!text_is_utf8(file) || text_has_control(file, "\t\r\n"))
        return "is not UTF-8, or holds control characters";
    if (!text_starts(head, mark))
        return "does not begin with \"Subject:\"";
    out->subject = text_trim(text_part(head, mark.length, head.length));
    out->body = text_trim(rest);
    if (!out->subject.length || !out->body.length)
        return "has no subject, or no text";
    return out->body.length > LETTER_BODY_MAX ? "is too long" : NULL;
}

/* The value of the placeholder that `rest` begins with; its whole length in `length`. NULL: it begins with none. */
static const struct letter_value *placeholder(struct text rest, const struct letter_value *values, size_t count,
                                              size_t *length)
{
    size_t close = text_find(rest, '}');

    if (rest.at[0] != '{' || close == TEXT_NOT_FOUND)
        return NULL;
    *length = close + 1;
    for (size_t i = 0; i < count; i++)
        if (text_equal(text_part(rest, 1, close - 1), text_of(values[i].name)))
            return &values[i];
    return NULL;
}

struct text letter_fill(struct task *t, struct text pattern, const struct letter_value *values, size_t count)
{
    struct text all = TEXT("");

    while (pattern.length) {
        size_t length = text_find(pattern, '{');
        const struct letter_value *v;

        length = length == TEXT_NOT_FOUND ? pattern.length : length;
        all = task_join(t, all, text_part(pattern, 0, length));
        pattern = text_part(pattern, length, pattern.length);
        if (!pattern.length)
            break;
        v = placeholder(pattern, values, count, &length);
        length = v ? length : 1;
        all = task_join(t, all, v ? v->value : text_part(pattern, 0, 1));
        pattern = text_part(pattern, length, pattern.length);
    }
    return all;
}

struct text letter_fill_line(struct task *t, struct text pattern, const struct letter_value *values, size_t count)
{
    struct text all = letter_fill(t, pattern, values, count);
    char *at = task_c_string(t, all);

    for (size_t i = 0; i < all.length; i++)
        if ((unsigned char)at[i] < ' ' || at[i] == 0x7f)
            at[i] = ' ';
    return (struct text){ at, all.length };
}

static const struct field own_letter_fields[] = {
    FIELD(struct own_letter, to, .flags = KEY | REQUIRED | NO_BLANK, .max = ADDRESS_MAX, .canon = address_canon,
          .shown = address_shown, .doc = "Who gets it."),
    FIELD(struct own_letter, subject, .flags = REQUIRED | NO_BLANK, .max = LETTER_SUBJECT_MAX, .doc = "Its subject."),
    FIELD(struct own_letter, body, .flags = REQUIRED | NO_BLANK | MULTILINE | CREATE_ONLY, .max = LETTER_BODY_MAX,
          .doc = "Its text."),
    FIELD(struct own_letter, from, .flags = READ_ONLY, .shown = address_shown,
          .doc = "Who it is from: the admin, where that name is an address."),
};
const struct shape own_letter_shape = SHAPE(struct own_letter, "Letter", own_letter_fields);

static const struct field broadcast_fields[] = {
    FIELD(struct broadcast, id, .flags = READ_ONLY | KEY, .doc = "Counts up."),
    FIELD(struct broadcast, domains, .max = 500, .entry_max = 255, .canon = domain_canon, .shown = domain_shown,
          .option = "domain", .doc = "Whose mailboxes get it; none given: those of all domains of who sends it."),
    FIELD(struct broadcast, subject, .flags = REQUIRED | NO_BLANK, .max = LETTER_SUBJECT_MAX, .doc = "Its subject."),
    FIELD(struct broadcast, body, .flags = REQUIRED | NO_BLANK | MULTILINE | CREATE_ONLY, .max = LETTER_BODY_MAX,
          .doc = "Its text."),
    FIELD(struct broadcast, from_name, .max = 128, .doc = "The sender's name, for people."),
    FIELD(struct broadcast, from, .flags = READ_ONLY, .shown = address_shown,
          .doc = "Who it is from: the admin, where that name is an address."),
    FIELD(struct broadcast, actor, .flags = READ_ONLY, .shown = address_shown, .doc = "Who sends it."),
    FIELD(struct broadcast, state, .flags = READ_ONLY, .words = broadcast_state_words,
          .doc = "A cancelled one goes to nobody further."),
    FIELD(struct broadcast, total, .flags = READ_ONLY, .doc = "How many mailboxes there were when it began."),
    FIELD(struct broadcast, sent, .flags = READ_ONLY, .doc = "How many letters went out."),
    FIELD(struct broadcast, failed, .flags = READ_ONLY, .doc = "How many were refused for good."),
    FIELD(struct broadcast, last_error, .flags = READ_ONLY, .doc = "The latest refusal: to whom, and why."),
    FIELD(struct broadcast, created, .flags = READ_ONLY, .doc = "When it was asked for."),
    FIELD(struct broadcast, finished, .flags = READ_ONLY, .doc = "When the last letter went out, or it was cancelled."),
};
const struct shape broadcast_shape = SHAPE(struct broadcast, "Broadcast", broadcast_fields);
