// Title and Markdown of an article. Markdown is shown as it is: nothing here is turned into HTML.
import { Button, Select, Textarea, TextInput } from '@mantine/core'
import { useState, type SyntheticEvent } from 'react'
import classes from './Articles.module.css'

export interface ArticleValues {
  title: string
  body: string
  locale: string
}

interface Props {
  initial: ArticleValues
  withLocale?: boolean
  busy: boolean
  onSave: (values: ArticleValues) => void
  onCancel?: () => void
}

export function ArticleForm({ initial, withLocale = false, busy, onSave, onCancel }: Props) {
  const [values, setValues] = useState(initial)
  const changed = values.title !== initial.title || values.body !== initial.body
  const complete = values.title.trim() !== '' && values.body.trim() !== ''

  function submit(event: SyntheticEvent) {
    event.preventDefault()
    onSave({ ...values, title: values.title.trim() })
  }

  return (
    <form className={classes.form} onSubmit={submit}>
      {withLocale && (
        <Select
          label="Language"
          data={[
            { value: 'en', label: 'English' },
            { value: 'zh', label: 'Chinese' },
          ]}
          value={values.locale}
          onChange={(locale) => setValues({ ...values, locale: locale ?? 'en' })}
          w={180}
        />
      )}
      <TextInput
        label="Title"
        required
        withAsterisk={false}
        lang={values.locale}
        value={values.title}
        onChange={(event) => setValues({ ...values, title: event.currentTarget.value })}
        data-testid="article-title"
      />
      <Textarea
        label="Text"
        description="Markdown. Paragraphs are the passages the assistant quotes, so let each stand on its own."
        required
        withAsterisk={false}
        autosize
        minRows={14}
        lang={values.locale}
        value={values.body}
        onChange={(event) => setValues({ ...values, body: event.currentTarget.value })}
        classNames={{ input: classes.markdown }}
        data-testid="article-body"
      />
      <div className={classes.buttons}>
        <Button type="submit" loading={busy} disabled={!changed || !complete} data-testid="article-save">
          Save
        </Button>
        {onCancel && (
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </div>
    </form>
  )
}
