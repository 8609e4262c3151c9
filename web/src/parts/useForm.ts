// A draft of an item, what the server said of it, and saving it.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type FieldProblem, type Problem, asProblem } from "../api/problem";

interface Options<T, Out> {
  start: T;
  /** `changed` holds the fields that differ from the start: the merge patch. */
  save: (values: T, changed: Partial<T>) => Promise<Out>;
  done: (out: Out) => void;
  /** Where the server calls a field by another name than the draft. */
  alsoCalled?: Partial<Record<keyof T & string, string>>;
}

export interface FieldProps<V> {
  name: string;
  value: V;
  onChange: (value: V) => void;
  problems: FieldProblem[];
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** "forward.destinations", "destinations/1" and "destinations[1]" all belong to the field they begin with. */
const rootOf = (field: string) => /^[^./[]*/.exec(field)?.[0] ?? field;

export function useForm<T extends object, Out>({ start, save, done, alsoCalled = {} }: Options<T, Out>) {
  const [values, setValues] = useState(start);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const names = Object.keys(start) as (keyof T & string)[];
  const changed = Object.fromEntries(names.filter((n) => !same(values[n], start[n])).map((n) => [n, values[n]])) as Partial<T>;

  const saving = useMutation({
    mutationFn: () => save(values, changed),
    onMutate: () => setTouched(new Set()),
    onSuccess: done,
  });
  const problem: Problem | null = saving.error ? asProblem(saving.error) : null;

  const belongs = (name: keyof T & string, p: FieldProblem) =>
    rootOf(p.field) === name || (alsoCalled as Record<string, string>)[name] === rootOf(p.field);

  return {
    values,
    problem,
    /** Problems that no field of this form can show. */
    others: problem?.errors.filter((p) => !names.some((n) => belongs(n, p))) ?? [],
    dirty: Object.keys(changed).length > 0,
    saving: saving.isPending,
    submit: () => saving.mutate(),
    set: <K extends keyof T>(name: K, value: T[K]) => setValues((now) => ({ ...now, [name]: value })),
    field: <K extends keyof T & string>(name: K): FieldProps<T[K]> => ({
      name,
      value: values[name],
      onChange: (value) => {
        setValues((now) => ({ ...now, [name]: value }));
        setTouched((now) => new Set(now).add(name));
      },
      problems: touched.has(name) ? [] : (problem?.errors.filter((p) => belongs(name, p)) ?? []),
    }),
  };
}

export type FormState = Pick<ReturnType<typeof useForm>, "problem" | "others" | "dirty" | "saving" | "submit">;

/** A draft without its empty texts: what was left blank is the server's to fill. */
export function filled<T extends object>(draft: T): Partial<T> {
  return Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== "")) as Partial<T>;
}
