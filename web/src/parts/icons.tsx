// The few icons used here, drawn on a 24 grid; decoration only, so hidden from screen readers.
import type { ReactNode } from "react";

const icon = (shape: ReactNode) =>
  function Icon({ size = 18 }: { size?: number }) {
    return (
      <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={1.75}
           strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
        {shape}
      </svg>
    );
  };

export const IconMail = icon(<><rect x="3" y="5" width="18" height="14" rx="2.5" /><path d="m3.5 7.5 8.5 6 8.5-6" /></>);
export const IconWorld = icon(<><circle cx="12" cy="12" r="9" /><path d="M3.5 9h17M3.5 15h17M12 3c-5 5.5-5 12.5 0 18M12 3c5 5.5 5 12.5 0 18" /></>);
export const IconLink = icon(<><path d="m9.5 14.5 5-5" /><path d="m11 7 .8-.9a4.4 4.4 0 0 1 6.2 6.200l-1 .9" /><path d="m13 17-.8.9A4.4 4.4 0 0 1 6 11.700l1-.9" /></>);
export const IconUsers = icon(<><circle cx="9" cy="8" r="3.5" /><path d="M2.5 20a6.5 6.5 0 0 1 13 0" /><path d="M16 4.800a3.5 3.5 0 0 1 0 6.400M18.5 14.500A6.5 6.5 0 0 1 21.5 20" /></>);
export const IconUser = icon(<><circle cx="12" cy="8" r="4" /><path d="M4.5 20.500a7.5 7.5 0 0 1 15 0" /></>);
export const IconHistory = icon(<><path d="M3.5 12a8.5 8.5 0 1 0 2.6-6.100L3.5 8.5" /><path d="M3.5 4v4.500H8M12 7.500V12l3 2" /></>);
export const IconPlus = icon(<path d="M12 5v14M5 12h14" />);
export const IconTrash = icon(<><path d="M4 7h16M10 11v6M14 11v6M9 7V4.500h6V7" /><path d="m5.5 7 1 12a1.5 1.5 0 0 0 1.5 1.500h8a1.5 1.5 0 0 0 1.5-1.500l1-12" /></>);
export const IconSearch = icon(<><circle cx="10.5" cy="10.5" r="6.5" /><path d="m20 20-4.8-4.8" /></>);
export const IconSun = icon(<><circle cx="12" cy="12" r="4" /><path d="M12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4" /></>);
export const IconMoon = icon(<path d="M20.5 13.500A8.5 8.5 0 1 1 10.5 3.500a7 7 0 0 0 10 10z" />);
export const IconSunMoon = icon(<><circle cx="12" cy="12" r="8.5" /><path d="M12 3.500a8.5 8.5 0 0 1 0 17z" fill="currentColor" stroke="none" /></>);
export const IconLanguage = icon(<><path d="M3.5 6h10M8.5 3.500V6M11 6c-.6 4-3.2 7-7 8.500M6 9c.8 2.2 2.6 4.2 5 5.2" /><path d="m11.5 20.5 4.5-10 4.5 10M13 17.500h6" /></>);
export const IconLogout = icon(<path d="M14 4H6.500A1.5 1.5 0 0 0 5 5.500v13A1.5 1.5 0 0 0 6.5 20H14M10 12h10.500M17 8.500l3.5 3.5-3.5 3.5" />);
export const IconChevronLeft = icon(<path d="m14.5 6-6 6 6 6" />);
export const IconChevronRight = icon(<path d="m9.5 6 6 6-6 6" />);
export const IconChevronDown = icon(<path d="m6 9.5 6 6 6-6" />);
export const IconFirst = icon(<path d="m17.5 6-6 6 6 6M7 6v12" />);
export const IconSortUp = icon(<path d="m7 14 5-5 5 5" />);
export const IconSortDown = icon(<path d="m7 10 5 5 5-5" />);
export const IconSort = icon(<path d="m8 9.5 4-4 4 4M8 14.500l4 4 4-4" />);
export const IconAlert = icon(<><path d="M12 4 2.8 19.500h18.400z" /><path d="M12 10v4.500M12 17.200v.1" /></>);
export const IconCheck = icon(<path d="m5 12.5 4.5 4.500L19 7.5" />);
export const IconCopy = icon(<><rect x="8.5" y="8.5" width="12" height="12" rx="2" /><path d="M15.5 5.500v-.5a2 2 0 0 0-2-2h-8a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h.5" /></>);
export const IconKey = icon(<><circle cx="8" cy="15.5" r="4.5" /><path d="m11.5 12.5 8.5-8.500M16.5 7.500l3 3M14 10l2 2" /></>);
export const IconDice = icon(<><path d="M4 7.500h3.500c4 0 5 9 9 9H20M4 16.500h3.500c1.5 0 2.6-1.3 3.5-2.800M13 10.300c.9-1.5 2-2.8 3.5-2.800H20" /><path d="m17.5 5 2.5 2.5-2.5 2.500M17.5 14l2.5 2.5-2.5 2.5" /></>);
export const IconForward = icon(<path d="m14.5 5.5 6 6-6 6M20 11.500H9a5.5 5.5 0 0 0-5.5 5.500v1.5" />);
