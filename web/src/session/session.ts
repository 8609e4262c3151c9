// Who is logged in. GET /session is asked once; logging in and out change what it said.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { queryClient } from "../api/query";
import { Problem } from "../api/problem";
import { onLoggedOut, request, setCsrfToken } from "../api/request";
import type { Session } from "../api/types";

const KEY = ["session"];

async function ask(): Promise<Session | null> {
  try {
    return remember((await request<Session>("GET", "/session")).value);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return remember(null);
    throw error;
  }
}

function remember<S extends Session | null>(session: S): S {
  setCsrfToken(session?.csrf_token ?? null);
  return session;
}

function forget() {
  remember(null);
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
  queryClient.setQueryData(KEY, null);
}

onLoggedOut(forget);

export function useSession() {
  return useQuery({ queryKey: KEY, queryFn: ask, staleTime: Infinity });
}

export function useLogIn() {
  const client = useQueryClient();
  return async (given: { username: string; password: string }) => {
    const { value } = await request<Session>("POST", "/session", { body: given });
    client.setQueryData(KEY, remember(value));
    return value;
  };
}

export function useLogOut() {
  return useMutation({ mutationFn: () => request("DELETE", "/session"), onSettled: forget });
}

export const isAdmin = (session: Session) => session.role !== "user";

/** Where a person's work begins. */
export const homeOf = (session: Session) => (isAdmin(session) ? "/domains" : "/account");

export const MeContext = createContext<Session | null>(null);

/** The session, on pages that only somebody logged in can see. */
export function useMe(): Session {
  const session = useContext(MeContext);
  if (session === null) throw new Error("a page for people logged in stands outside of <Inside>");
  return session;
}
