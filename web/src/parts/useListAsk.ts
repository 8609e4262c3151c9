// What a list is asked for lives in the address bar, so that links and the back button bring it back.
//
// The server pages by cursor, which only leads forward. The cursors passed on the way here stand in the history
// entry's state: they lead back, and say how far down the list we are.
import { useCallback } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router-dom";
import type { ListAsk } from "../api/query";

export const PAGE_ROWS = 50;

interface Trail {
  trail?: (string | null)[];
}

export function useListAsk(defaultSort: string) {
  const [params, setParams] = useSearchParams();
  const navigate = useNavigate();
  const location = useLocation();
  const search = params.get("search") ?? "";
  const sort = params.get("sort") ?? defaultSort;
  const cursor = params.get("cursor");
  const trail = (location.state as Trail | null)?.trail ?? [];

  const change = useCallback(
    (name: string, value: string) =>
      setParams((now) => {
        const next = new URLSearchParams(now);
        next.delete("cursor"); // another question, another first page
        if (value === "") next.delete(name);
        else next.set(name, value);
        return next;
      }, { replace: true }),
    [setParams],
  );

  const go = (to: string | null, by: (string | null)[]) => {
    const next = new URLSearchParams(params);
    if (to === null) next.delete("cursor");
    else next.set("cursor", to);
    navigate({ search: next.toString() }, { state: { trail: by } satisfies Trail });
  };

  return {
    ask: { search, sort, cursor, limit: PAGE_ROWS, total: true } satisfies ListAsk,
    before: trail.length * PAGE_ROWS,
    /** After a link straight to a later page nobody knows how many rows came before. */
    placeKnown: cursor === null || trail.length > 0,
    setSearch: (value: string) => change("search", value),
    setSort: (value: string) => change("sort", value === defaultSort ? "" : value),
    toNext: (next: string) => go(next, [...trail, cursor]),
    toPrevious: trail.length > 0 ? () => go(trail.at(-1) ?? null, trail.slice(0, -1)) : null,
    toFirst: cursor !== null ? () => go(null, []) : null,
  };
}

export type ListControl = ReturnType<typeof useListAsk>;
