// Only for people logged in: everybody else goes to the door, and comes back here afterwards.
import { Center, Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Navigate, Outlet, useLocation } from "react-router-dom";
import type { Role } from "../api/types";
import { Failed } from "../parts/States";
import { MeContext, homeOf, useMe, useSession } from "../session/session";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

export function Inside() {
  const session = useSession();
  const { t } = useTranslation();
  const { pathname, search } = useLocation();
  if (session.isPending) return <Center h="60vh"><Loader aria-label={t("state.loading")} /></Center>;
  if (session.isError) return <Failed error={session.error} onRetry={() => void session.refetch()} />;
  if (session.data === null) {
    const next = pathname === "/" ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    return <Navigate to={`/login${next}`} replace />;
  }
  return <MeContext value={session.data}><Shell session={session.data} /></MeContext>;
}

export function Home() {
  return <Navigate to={homeOf(useMe())} replace />;
}

/** Pages that only some have: for all others they are not there. What is in them the server guards itself. */
export function For({ roles }: { roles: Role[] }) {
  return roles.includes(useMe().role) ? <Outlet /> : <NotFound />;
}
