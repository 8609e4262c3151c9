/* server/model/vacation.c */
#include "model/vacation.h"

#include "model/problem.h"

static const struct field fields[] = {
    FIELD(struct vacation, active, .doc = "Whether letters are answered."),
    FIELD(struct vacation, subject, .max = 255, .doc = "Of the answer; $SUBJECT stands for the letter's own."),
    FIELD(struct vacation, body, .flags = MULTILINE, .max = VACATION_BODY_MAX, .doc = "The answer."),
    FIELD(struct vacation, from, .doc = "When answering begins; null is at once."),
    FIELD(struct vacation, until, .doc = "When it ends; null is when it is switched off."),
    FIELD(struct vacation, interval_seconds, .max = VACATION_INTERVAL_MAX, .option = "interval",
          .doc = "How long a sender who has had an answer gets no other, a day unless it is said; 0 is for good,"
                 " 1 answers every letter."),
};
const struct shape vacation_shape = SHAPE(struct vacation, "Vacation", fields);

enum outcome vacation_admit(struct task *t, const struct vacation *v, struct text vacation_domain)
{
    enum outcome o = DONE;

    if (v->from.known && v->until.known && v->until.unix_seconds <= v->from.unix_seconds)
        o = task_problem(t, "until", &problem_ends_before_it_begins);
    if (v->active && text_trim(v->subject).length == 0)
        o = task_problem(t, "subject", &problem_required);
    if (v->active && !vacation_domain.length)
        o = task_problem(t, "active", &problem_no_vacation_domain);
    return o;
}
