// Serves the built console against the mock desk: `npm run build && npm run mock`, then open the address it prints.
import { runnerImport } from 'vite'

const { module } = await runnerImport(new URL('./server.ts', import.meta.url).pathname)
const port = Number(process.env.PORT ?? 15200)
const mock = await module.startMock({ port, dist: new URL('../../dist', import.meta.url).pathname })
process.stdout.write(`${mock.url}/console/  ada@halden.example, password "correct horse"\n`)
