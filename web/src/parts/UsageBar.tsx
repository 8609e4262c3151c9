// How much of a limit is used: a bar and the figures, or the figures alone where there is no limit.
import { Progress, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "./format";

interface Props {
  label: string;
  used: number;
  of: number | null;
  size?: "xs" | "sm";
}

const FULL_SOON = 80;
const FULL = 95;

export function UsageBar({ label, used, of, size = "xs" }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  if (of === null)
    return <Text size={size} c="dimmed">{t("usage.unlimited", { used: format.bytes(used) })}</Text>;
  const percent = of === 0 ? (used > 0 ? 100 : 0) : Math.min(100, (used / of) * 100);
  const color = percent >= FULL ? "red" : percent >= FULL_SOON ? "yellow" : "reeve";
  return (
    <div className="usage">
      <Progress.Root size={6}>
        <Progress.Section value={percent} color={color} aria-label={label} />
      </Progress.Root>
      <Text size={size} c="dimmed" mt={3}>{t("usage.of", { used: format.bytes(used), of: format.bytes(of) })}</Text>
    </div>
  );
}
