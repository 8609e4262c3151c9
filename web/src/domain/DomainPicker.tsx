// Domains chosen by typing a part of the name: one, or several. Asks the server, for there may be thousands.
import { MultiSelect, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useList } from "../api/query";
import { type Domain, at } from "../api/types";
import { type Labelled, useError } from "../parts/fields";
import type { FieldProps } from "../parts/useForm";

const SUGGESTIONS = 30;

function useSuggestions(chosen: string[]) {
  const [typed, setTyped] = useState("");
  // What a chosen domain leaves in the box is its name, not a search.
  const [search] = useDebouncedValue(chosen.includes(typed) ? "" : typed, 200);
  const list = useList<Domain>(at("/domains"), { search, sort: "domain", limit: SUGGESTIONS });
  const found = list.data?.items.map((d) => d.domain) ?? [];
  return { typed, setTyped, data: [...new Set([...chosen.filter((c) => c !== ""), ...found])] };
}

export function DomainsField({ label, help, value, onChange, name, ...props }: Labelled & FieldProps<string[]>) {
  const { t } = useTranslation();
  const error = useError(props);
  const { typed, setTyped, data } = useSuggestions(value);
  const [open, setOpen] = useState(false); // closed by a choice, so that it does not cover what comes below
  return (
    <MultiSelect
      name={name} label={label} description={help} value={value} error={error} onChange={onChange} data={data}
      searchable searchValue={typed} onSearchChange={setTyped} hidePickedOptions nothingFoundMessage={t("table.nothingFound")}
      placeholder={value.length === 0 ? t("domain.pick") : undefined} dropdownOpened={open}
      onDropdownOpen={() => setOpen(true)} onDropdownClose={() => setOpen(false)} onOptionSubmit={() => setOpen(false)}
    />
  );
}

export function DomainField({ label, help, value, onChange, name, required, ...props }: Labelled & FieldProps<string> & { required?: boolean }) {
  const { t } = useTranslation();
  const error = useError(props);
  const { typed, setTyped, data } = useSuggestions([value]);
  return (
    <Select
      name={name} label={label} description={help} value={value === "" ? null : value} error={error} data={data}
      onChange={(chosen) => onChange(chosen ?? "")} searchable searchValue={typed} onSearchChange={setTyped}
      withAsterisk={required} aria-required={required} nothingFoundMessage={t("table.nothingFound")} placeholder={t("domain.pick")}
    />
  );
}
