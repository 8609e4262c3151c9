/* server/model/problem.c */
#include "model/problem.h"

#define DEFINE_PROBLEM(name, words) const struct problem_kind problem_##name = { #name, words };
MODEL_PROBLEMS(DEFINE_PROBLEM)

#define LIST_PROBLEM(name, words) &problem_##name,
const struct problem_kind *const model_problems[] = { MODEL_PROBLEMS(LIST_PROBLEM) NULL };
