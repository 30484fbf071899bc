// How launcher and panel look. It lives in a shadow root: the host's styles stay out, ours stay in.

export const css = `
:host{all:initial;--accent:#0b6b57;--accent-2:#0a5a49;--panel:#f6f7f5;--ink:#17211d;--edge:rgb(0 0 0/.07);position:fixed;inset:auto 0 0 auto;z-index:2147483000;color-scheme:light;font:16px/1.4 system-ui,sans-serif}
:host([data-theme=dark]){--accent:#14705b;--accent-2:#0f5a49;--panel:#111614;--ink:#e9efec;--edge:rgb(255 255 255/.14);color-scheme:dark}
*{box-sizing:border-box}
[hidden]{display:none!important}
.launcher{position:fixed;right:max(20px,env(safe-area-inset-right));bottom:max(20px,env(safe-area-inset-bottom));width:60px;height:60px;padding:0;border:0;border-radius:50%;background:var(--accent);color:#fff;cursor:pointer;box-shadow:0 2px 6px rgb(0 0 0/.2),0 10px 28px rgb(5 40 32/.32);transition:transform .18s,background .18s}
.launcher:hover{background:var(--accent-2);transform:translateY(-2px)}
.launcher:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px var(--accent)}
svg{position:absolute;inset:16px;width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round;transition:opacity .18s,transform .18s}
.down,:host([data-open=true]) .chat{opacity:0;transform:scale(.6)}
:host([data-open=true]) .down{opacity:1;transform:none}
.badge{position:absolute;top:-4px;right:-4px;min-width:24px;height:24px;padding:0 6px;border:2px solid #fff;border-radius:12px;background:#b3261e;color:#fff;font-size:13px;font-weight:700;line-height:20px;text-align:center}
.panel{position:fixed;right:max(20px,env(safe-area-inset-right));bottom:calc(max(20px,env(safe-area-inset-bottom)) + 74px);width:400px;height:640px;max-width:calc(100vw - 40px);max-height:calc(100vh - 114px);max-height:calc(100dvh - 114px);overflow:hidden;border-radius:18px;background:var(--panel);color:var(--ink);box-shadow:0 0 0 1px var(--edge),0 4px 12px rgb(0 0 0/.08),0 24px 64px rgb(4 30 24/.3);animation:rise .2s ease-out}
iframe{position:absolute;inset:0;width:100%;height:100%;border:0;color-scheme:inherit}
.wait{position:absolute;inset:40% 24px auto;margin:0;text-align:center}
.wait button{margin-top:12px;padding:8px 16px;border:0;border-radius:20px;background:var(--accent);color:#fff;font:inherit;cursor:pointer}
.wait:has(button){z-index:1}
@keyframes rise{from{opacity:0;transform:translateY(14px) scale(.98)}}
@media (max-width:480px){
.panel{inset:0;width:100%;height:100%;max-width:none;max-height:none;border-radius:0;box-shadow:none}
:host([data-open=true]) .launcher{display:none}
}
@media (max-height:420px){.panel{inset:0 0 0 auto;height:100%;max-height:none;border-radius:0}:host([data-open=true]) .launcher{display:none}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media (forced-colors:active){.launcher,.panel{border:2px solid}}
@media print{:host{display:none}}
`;
