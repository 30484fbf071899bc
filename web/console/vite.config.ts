// How the console is built: served under /console, nothing inlined, so that a strict CSP holds.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env.CONSOLE_API ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|react-router|scheduler)\// },
            { name: 'data', test: /node_modules\/(@tanstack|openapi-fetch)\// },
          ],
        },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    // The server answers only its own origin, so the proxy speaks in its name.
    proxy: { '/api': { target: server, ws: true, changeOrigin: true, headers: { Origin: server } } },
  },
  test: {
    environment: 'node',
    include: ['tests/**/*.test.{ts,tsx}'],
  },
})
