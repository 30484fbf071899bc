// Starts the console: styles, theme, query cache, routes.
import '@fontsource-variable/inter'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './styles/tokens.css'

import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router'
import { isTransient, onSignedOut } from './api/client'
import { forgetSession } from './api/session'
import { router } from './routes'
import { schemeManager, theme } from './theme'

const client = new QueryClient({
  defaultOptions: {
    queries: { retry: (failures, error) => isTransient(error) && failures < 2, staleTime: 10_000 },
  },
})
onSignedOut(() => forgetSession(client))

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} colorSchemeManager={schemeManager} defaultColorScheme="auto">
        <Notifications position="top-center" limit={3} />
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
