// The desk as the scripts find it: some wait, some are being helped, some still talk to the assistant.
import { ago, PARCEL_PACKET } from './cast'
import { place, World } from './world'

const BOT = { type: 'bot' as const, name: null }
const source = { article_id: 'a1', version: 3, locale: 'en', title: 'Where is my parcel?', score: 0.81, passage: '', url: '/help/en/where-is-my-parcel' }

function parcel(world: World): void {
  const nora = { type: 'customer' as const, name: 'Nora Lindqvist' }
  const { detail } = world.begin('c1', nora.name, {
    created_at: ago(60 * 25),
    packet: PARCEL_PACKET,
    tickets: [{ number: 'T-1042', subject: 'Parcel DH-2213 is late', stage: 'in_work' }],
  })
  world.post('c1', nora, { text: 'My parcel has not come, it should have been here on Tuesday.', at: ago(60 * 25) })
  world.post('c1', BOT, {
    text: 'Every parcel has a number. You find it in the mail that we send when the parcel leaves us. If nothing moves for three days, we ask the carrier.',
    kind: 'article',
    payload: { sources: [source], buttons: [{ label: 'That helped', value: 'helpful' }, { label: "That didn't help", value: 'unhelpful' }] },
    at: ago(60 * 25 - 0.2),
  })
  world.post('c1', nora, { text: 'This is the third time I write about the same parcel.', at: ago(8) })
  world.post('c1', BOT, {
    text: "I'm sorry, I don't know more about it. Shall I open a ticket or get a person?",
    kind: 'buttons',
    payload: { abstained: true, buttons: [{ label: 'Open a ticket', value: 'open_ticket' }, { label: 'Talk to a person', value: 'ask_person' }] },
    at: ago(7.8),
  })
  world.post('c1', nora, { text: 'Can I please talk to a real person now? My card is •••• •••• •••• 4242', payload: { masked: true }, at: ago(7) })
  detail.queue = place(2, 7)
  world.own('c1', 'queue', null, 'queued', 'You are in the queue. Somebody will be with you shortly.')
}

function mine(world: World): void {
  const jonas = { type: 'customer' as const, name: 'Jonas Weber' }
  const ada = world.person('ada')
  const agent = { type: 'agent' as const, name: 'Ada Moreno' }
  world.begin('c2', jonas.name, { created_at: ago(40), packet: { ...PARCEL_PACKET, tried: [], mood: [], tickets: [] } })
  world.post('c2', jonas, { text: 'The toaster trips the fuse every morning <b>help</b>', at: ago(40) })
  world.post('c2', BOT, { text: 'That sounds dangerous. Please unplug it. I am getting a person.', at: ago(39.9) })
  world.own('c2', 'agent', ada ?? null, 'agent_joined', 'Ada Moreno has joined the conversation.')
  world.post('c2', agent, { text: 'Hello Jonas, thank you for unplugging it.', at: ago(12) })
  world.post('c2', agent, { text: 'Could you read me the number on the plate underneath?', at: ago(11.8) })
  world.post('c2', agent, { text: 'Batch 2213 had a recall in spring. Check the plate before promising a repair.', payload: { note: true }, at: ago(11) })
  world.post('c2', jonas, { text: 'It says HT-400, batch 2213.\nShould I throw it away?', at: ago(3) })
}

function others(world: World): void {
  world.begin('c3', '王小明', { language: 'zh', created_at: ago(15), packet: { ...PARCEL_PACKET, language: 'zh', wants: ['我要退款'], tried: [], mood: [] } })
  world.post('c3', { type: 'customer', name: '王小明' }, { text: '我要退款，转人工', at: ago(14) })
  world.get('c3').detail.queue = place(1, 13)
  world.own('c3', 'queue', null, 'queued', '您已进入排队。')
  world.begin('c4', null, { created_at: ago(2), packet: { ...PARCEL_PACKET, reasons: [{ code: 'safety', seq: 1, quote: 'there is smoke coming out of the heater', weight: 1 }], tried: [], mood: [] } })
  world.post('c4', { type: 'customer', name: null }, { text: 'there is smoke coming out of the heater', at: ago(1) })
  world.get('c4').detail.queue = place(3, 0.7)
  world.own('c4', 'queue', null, 'safety', 'Please unplug the device and keep away from it. A person is coming.')
  for (const [id, name, text] of [
    ['c5', 'Priya Nair', 'Which filter fits the AirClean 200?'],
    ['c6', null, 'What are your opening hours?'],
  ] as const) {
    world.begin(id, name, { created_at: ago(6) })
    world.post(id, { type: 'customer', name }, { text, at: ago(5) })
    world.post(id, BOT, { text: 'We are open Monday to Friday, 8 to 18.', kind: 'article', payload: { sources: [{ ...source, title: 'Opening hours' }] }, at: ago(4.9) })
  }
  world.begin('c7', 'Luis Romero', { created_at: ago(300) })
  world.post('c7', { type: 'customer', name: 'Luis Romero' }, { text: 'Thank you, that worked!', at: ago(280) })
  world.close('c7')
  world.begin('c8', 'Emma Clarke', { created_at: ago(90) })
  world.post('c8', { type: 'customer', name: 'Emma Clarke' }, { text: 'I will send a photo tonight.', at: ago(70) })
  world.own('c8', 'agent', world.person('mei') ?? null, 'agent_joined', 'Mei Tanaka has joined the conversation.')
}

export function openingScene(): World {
  const world = new World()
  parcel(world)
  mine(world)
  others(world)
  return world
}

/** A conversation of many messages, for paging and for gaps. */
export function longTalk(world: World, id: string, count: number): void {
  world.begin(id, 'Long Talker', { created_at: ago(count) })
  for (let at = 0; at < count; at += 1) {
    world.post(id, { type: 'customer', name: 'Long Talker' }, { text: `Line ${at + 1}`, at: ago(count - at) })
  }
}
