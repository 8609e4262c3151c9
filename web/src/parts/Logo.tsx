import { Group, Text } from "@mantine/core";

export function Logo({ size = 26 }: { size?: number }) {
  return (
    <Group gap={size / 3} wrap="nowrap">
      <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="var(--mantine-primary-color-filled)" />
        <g fill="none" stroke="#fff" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round">
          <rect x="7" y="9" width="18" height="14" rx="2.5" />
          <path d="m8 11.5 8 6 8-6" />
        </g>
      </svg>
      <Text component="span" fw={700} fz={size * 0.72} lh={1} lts={-0.3}>postreeve</Text>
    </Group>
  );
}
