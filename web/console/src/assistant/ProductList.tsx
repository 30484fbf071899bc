// The products that are recognised: each with what customers call it, edited one at a time.
import { ActionIcon, Button, TagsInput, TextInput } from '@mantine/core'
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import type { Fault, Product } from '../api/types'
import rows from '../shared/Rows.module.css'
import classes from './Assistant.module.css'
import { about } from './faults'

interface Props {
  products: Product[]
  onChange: (products: Product[]) => void
  readOnly: boolean
  faults: Fault[]
}

const SHOWN = 100

export function ProductList({ products, onChange, readOnly, faults }: Props) {
  const [editing, setEditing] = useState<number | null>(null)
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const found = products
    .map((product, place) => ({ product, place }))
    .filter(({ product }) => [product.name, ...product.aliases].some((name) => name.toLowerCase().includes(wanted)))

  const put = (place: number, product: Product) => onChange(products.map((one, at) => (at === place ? product : one)))
  const remove = (place: number) => {
    onChange(products.filter((_, at) => at !== place))
    setEditing(null)
  }
  const add = () => {
    setTyped('')
    onChange([{ name: '', aliases: [] }, ...products])
    setEditing(0)
  }

  return (
    <section className={classes.card} aria-labelledby="products-title">
      <div className={classes.buttons}>
        <h2 className={classes.cardTitle} id="products-title">
          Products{products.length > 0 && ` (${products.length})`}
        </h2>
        {!readOnly && (
          <Button
            className={classes.last}
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={15} />}
            onClick={add}
            data-testid="product-add"
          >
            Add a product
          </Button>
        )}
      </div>
      <p className={classes.hint}>
        However a customer calls it, the assistant and your colleagues see the product&apos;s own name. Capitals, hyphens
        and a plural s do not matter.
      </p>
      {about(faults, 'products') && <p className={classes.faults}>{about(faults, 'products')}</p>}
      {products.length > 10 && (
        <TextInput
          aria-label="Search the products"
          placeholder="Search the products"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      {found.length > 0 && (
        <ul className={rows.card} data-testid="product-list">
          {found.slice(0, SHOWN).map(({ product, place }) => (
            <li key={place} data-testid="product-item">
              {editing === place ? (
                <ProductEditor
                  product={product}
                  faults={faultsAt(faults, place)}
                  onChange={(next) => put(place, next)}
                  onDone={() => setEditing(null)}
                  onRemove={() => remove(place)}
                />
              ) : (
                <ProductRow
                  product={product}
                  fault={faultsAt(faults, place).name ?? faultsAt(faults, place).aliases}
                  onEdit={readOnly ? undefined : () => setEditing(place)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {found.length > SHOWN && <p className={classes.hint}>{found.length - SHOWN} more: search to see them.</p>}
    </section>
  )
}

interface ProductFaults {
  name: string | undefined
  aliases: string | undefined
}

function faultsAt(faults: Fault[], place: number): ProductFaults {
  return { name: about(faults, `products.${place}.name`), aliases: about(faults, `products.${place}.aliases`) }
}

interface RowProps {
  product: Product
  fault: string | undefined
  onEdit: (() => void) | undefined
}

function ProductRow({ product: { name, aliases }, fault, onEdit }: RowProps) {
  return (
    <div className={classes.product}>
      <div className={classes.productNames}>
        <p className={classes.productName}>{name || 'A product without a name'}</p>
        {aliases.length > 0 && <p className={classes.aliases}>{aliases.join(' · ')}</p>}
        {fault && <p className={classes.faulty}>{fault}</p>}
      </div>
      {onEdit && (
        <ActionIcon variant="subtle" color="gray" size="lg" onClick={onEdit} aria-label={`Edit ${name}`} data-testid="product-edit">
          <IconPencil size={17} />
        </ActionIcon>
      )}
    </div>
  )
}

interface EditorProps {
  product: Product
  faults: ProductFaults
  onChange: (product: Product) => void
  onDone: () => void
  onRemove: () => void
}

function ProductEditor({ product, faults, onChange, onDone, onRemove }: EditorProps) {
  return (
    <div className={classes.edited}>
      <TextInput
        label="Name"
        maxLength={80}
        autoFocus
        value={product.name}
        error={faults.name}
        onChange={(event) => onChange({ ...product, name: event.currentTarget.value })}
        data-testid="product-name"
      />
      <TagsInput
        label="Other names"
        description="In any language, with codes and nicknames. Enter or a comma ends each."
        maxTags={50}
        value={product.aliases}
        error={faults.aliases}
        splitChars={[',', '，', '、']}
        acceptValueOnBlur
        onChange={(aliases) => onChange({ ...product, aliases })}
        data-testid="product-aliases"
      />
      <div className={classes.buttons}>
        <Button variant="default" onClick={onDone}>
          Done
        </Button>
        <Button
          className={classes.last}
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={16} />}
          onClick={onRemove}
          data-testid="product-remove"
        >
          Remove
        </Button>
      </div>
    </div>
  )
}
