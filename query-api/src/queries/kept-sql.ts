/** SQL that holds for what is part of effective history: no cut of `cuts` (of a session's record) came after it and went behind it. */
export const keptSql = (
  cuts: string,
  { revision, position }: { readonly revision: string; readonly position: string },
) =>
  `not exists (
    select from jsonb_to_recordset(${cuts}) as cut(revision int, "toPosition" int)
    where cut.revision > ${revision} and cut."toPosition" < ${position})`;
