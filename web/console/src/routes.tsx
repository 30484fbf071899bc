// Which page an address shows. The admins' pages are loaded when they are first asked for.
import { createBrowserRouter, Navigate } from 'react-router'
import { InboxPage } from './inbox/InboxPage'
import { LoginPage } from './login/LoginPage'
import { BrokenPage, MissingPage } from './shared/BrokenPage'
import { Home } from './shell/Home'
import { Shell } from './shell/Shell'

export const router = createBrowserRouter(
  [
    { path: '/login', element: <LoginPage />, errorElement: <BrokenPage /> },
    {
      path: '/',
      element: <Shell />,
      errorElement: <BrokenPage />,
      hydrateFallbackElement: <></>,
      children: [
        { index: true, element: <Home /> },
        { path: 'inbox', element: <InboxPage /> },
        { path: 'inbox/:id', element: <InboxPage /> },
        {
          path: 'tickets',
          lazy: async () => ({ Component: (await import('./tickets/TicketsPage')).TicketsPage }),
        },
        {
          path: 'tickets/:number',
          lazy: async () => ({ Component: (await import('./tickets/TicketPage')).TicketPage }),
        },
        {
          path: 'articles',
          lazy: async () => ({ Component: (await import('./articles/ArticlesPage')).ArticlesPage }),
        },
        {
          path: 'articles/new',
          lazy: async () => ({ Component: (await import('./articles/NewArticlePage')).NewArticlePage }),
        },
        {
          path: 'articles/:id',
          lazy: async () => ({ Component: (await import('./articles/ArticlePage')).ArticlePage }),
        },
        { path: 'texts', lazy: async () => ({ Component: (await import('./texts/TextsPage')).TextsPage }) },
        { path: 'assistant', element: <Navigate to="/assistant/recognition" replace /> },
        {
          path: 'assistant/recognition',
          lazy: async () => ({ Component: (await import('./assistant/RecognitionPage')).RecognitionPage }),
        },
        {
          path: 'assistant/look-ups',
          lazy: async () => ({ Component: (await import('./assistant/LookUpsPage')).LookUpsPage }),
        },
        {
          path: 'assistant/look-ups/:id',
          lazy: async () => ({ Component: (await import('./assistant/LookUpPage')).LookUpPage }),
        },
        { path: '*', element: <MissingPage /> },
      ],
    },
  ],
  { basename: '/console' },
)
