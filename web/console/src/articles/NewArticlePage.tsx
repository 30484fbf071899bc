// Starting an article: a language, a title, a first text; it begins as a draft.
import { IconLock } from '@tabler/icons-react'
import { useRef } from 'react'
import { useNavigate } from 'react-router'
import { useCreateArticle } from '../api/articles'
import { newClientId, words } from '../api/client'
import { useMay } from '../api/session'
import { notify } from '../shared/notify'
import { Page } from '../shared/Page'
import { Blank } from '../shared/states'
import { ArticleForm } from './ArticleForm'

export function NewArticlePage() {
  const may = useMay()
  const navigate = useNavigate()
  const { mutate, isPending } = useCreateArticle()
  const clientId = useRef('')
  return (
    <Page title="New article" back={{ to: '/articles', label: 'Back to the articles' }}>
      {may('kb.write') ? (
        <ArticleForm
          initial={{ title: '', body: '', locale: 'en' }}
          withLocale
          busy={isPending}
          onSave={(values) => {
            clientId.current ||= newClientId()
            mutate(
              { ...values, client_id: clientId.current },
              {
                onSuccess: ({ id }) => void navigate(`/articles/${id}`, { replace: true }),
                onError: (error) => notify.error('The article was not saved', words(error)),
              },
            )
          }}
        />
      ) : (
        <Blank icon={IconLock} title="Your role does not write articles" />
      )}
    </Page>
  )
}
