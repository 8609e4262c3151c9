// TanStack Query over request(): lists, items, and changes that make them stale.
import { QueryClient, keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { asProblem } from "./problem";
import { type Answer, request } from "./request";

const TRIES = 5;
const LONGEST_WAIT_MS = 30_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => asProblem(error).passing && failures < TRIES,
      retryDelay: (failures, error) => {
        const asked = asProblem(error).retryAfterSeconds;
        return Math.min(asked !== null ? asked * 1000 : 1000 * 2 ** failures, LONGEST_WAIT_MS);
      },
    },
    mutations: { retry: false },
  },
});

/** One page of a list. */
export interface List<T> {
  items: T[];
  next?: string | null;
  total?: number;
}

export interface ListAsk {
  search?: string;
  sort?: string;
  cursor?: string | null;
  limit?: number;
  total?: boolean;
}

export function useList<T>(path: string, ask: ListAsk, enabled = true) {
  return useQuery({
    queryKey: ["list", path, ask],
    queryFn: async ({ signal }) => (await request<List<T>>("GET", path, { query: { ...ask }, signal })).value,
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** An item with its ETag, so that a form can say later which state it started from. */
export function useItem<T>(path: string) {
  return useQuery({
    queryKey: ["item", path],
    queryFn: ({ signal }) => request<T>("GET", path, { signal }),
    // Read afresh whenever its page opens, and never under the hands of somebody editing it.
    staleTime: Infinity,
    gcTime: 0,
  });
}

/** A change: whatever was read before may be wrong after it, so all of it is read again when next shown. */
export function useChange<In, Out>(change: (given: In) => Promise<Answer<Out>>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["list"] });
      void client.invalidateQueries({ queryKey: ["item"] });
    },
  });
}

/** Deleting an item: everything else is read again; the item itself is not asked for, since it is gone. */
export function useErase(path: string, etag?: string | null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request("DELETE", path, { etag }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["list"] });
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === "item" && queryKey[1] !== path });
    },
  });
}
