import type { ComponentChildren } from 'preact'
import { useOverflow } from './measured.ts'

/** A cell as it is exported: numbers without groups of digits, times as ISO 8601. */
type CellValue = string | number | null

/** A column of a table. */
export interface Column<Row> {
  readonly title: string
  readonly isNumber?: boolean
  /** Left out where the screen is narrow. */
  readonly isMinor?: boolean
  /** What the table shows. */
  readonly cell: (row: Row) => ComponentChildren
  /** What a CSV file has. */
  readonly value: (row: Row) => CellValue
}

/** The rows of a picture, as a table and as a file. */
export interface TableOf<Row> {
  readonly name: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly attributesOf?: (row: Row) => Readonly<Record<string, string>>
  readonly footer?: ComponentChildren
}

/** A table whose first column names its rows. */
export function Table<Row>({ table }: { readonly table: TableOf<Row> }) {
  const { name, columns, rows, keyOf, attributesOf, footer } = table
  const [place, isWider] = useOverflow<HTMLDivElement>()
  return (
    <div class="scroller" ref={place} {...(isWider ? { role: 'group', 'aria-label': `${name}, to be scrolled`, tabIndex: 0 } : {})}>
      <table aria-label={name}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} {...attributesOf?.(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.title} scope="row" class={classOf(column)}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.title} class={classOf(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
        {footer === undefined ? null : <tfoot>{footer}</tfoot>}
      </table>
    </div>
  )
}

const classOf = ({ isNumber, isMinor }: { readonly isNumber?: boolean; readonly isMinor?: boolean }): string =>
  [isNumber === true ? 'number' : '', isMinor === true ? 'minor' : ''].filter(Boolean).join(' ')
