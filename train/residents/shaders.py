"""GLSL of the renderer: lit surfaces with soft skin, and the depth pass of the shadows."""

from __future__ import annotations

from typing import Final

SURFACE_VERTEX: Final = """#version 330
in vec3 position; in vec3 normal; in vec2 uv; in float cloth;
uniform mat4 view_projection; uniform mat4 shadow_projection;
out vec3 world; out vec3 n; out vec2 st; out vec4 shadow_at; out float weave;
void main() {
    world = position; n = normal; weave = cloth;
    st = vec2(uv.x, 1.0 - uv.y);
    shadow_at = shadow_projection * vec4(position, 1.0);
    gl_Position = view_projection * vec4(position, 1.0);
}
"""

SURFACE_FRAGMENT: Final = """#version 330
in vec3 world; in vec3 n; in vec2 st; in vec4 shadow_at; in float weave;
uniform sampler2D colour_map; uniform sampler2D detail_map; uniform sampler2DShadow shadow_map;
uniform vec3 eye; uniform vec3 light_at[2]; uniform vec3 light_colour[2]; uniform vec3 ambient;
uniform vec3 tint; uniform float roughness; uniform float specular; uniform float softness;
uniform float bump; uniform vec3 window; uniform vec3 garment; uniform float cutout;
uniform float two_sided; uniform float creased;
layout(location = 0) out vec4 result; layout(location = 1) out float figure;

float hash(vec3 p) { return fract(sin(dot(p, vec3(127.1, 311.7, 74.7))) * 43758.5453); }

float lit_share() {
    vec3 q = shadow_at.xyz / shadow_at.w * 0.5 + 0.5;
    float turn = 6.2832 * hash(world * 997.0);
    mat2 r = mat2(cos(turn), -sin(turn), sin(turn), cos(turn));
    float sum = 0.0;
    for (int i = 0; i < 8; i++) {
        float radius = 0.0045 * sqrt((float(i) + 0.5) / 8.0);
        vec2 d = r * radius * vec2(cos(float(i) * 2.4), sin(float(i) * 2.4));
        sum += texture(shadow_map, vec3(q.xy + d, q.z - 0.0025));
    }
    return sum / 8.0;
}

vec3 shade(vec3 N, vec3 V, int i, vec3 albedo, float rough, float spec, float soft, float lit) {
    vec3 L = normalize(light_at[i] - world);
    float nl = dot(N, L);
    // Red light travels farthest under skin, so the terminator is widest in red.
    vec3 wrap = vec3(0.38, 0.20, 0.14) * soft;
    vec3 diffuse = clamp((nl + wrap) / (1.0 + wrap), 0.0, 1.0);
    diffuse *= mix(vec3(1.0), diffuse * 0.35 + 0.65, soft);
    vec3 bleed = mix(vec3(0.10, 0.025, 0.012) * soft, vec3(1.0), lit);
    vec3 H = normalize(L + V);
    float a2 = pow(rough, 4.0);
    float nh = max(dot(N, H), 0.0);
    float lobe = a2 / (3.1416 * pow(nh * nh * (a2 - 1.0) + 1.0, 2.0));
    float f0 = 0.08 * spec;
    float fresnel = f0 + (1.0 - f0) * pow(clamp(1.0 - dot(H, V), 0.0, 1.0), 5.0);
    return light_colour[i] * (albedo * diffuse * bleed
        + lit * max(nl, 0.0) * min(lobe, 12.0) * fresnel * 0.5 * step(0.001, spec));
}

void main() {
    vec4 texel = texture(colour_map, st);
    if (texel.a < cutout) discard;
    vec3 N = normalize(n);
    vec3 V = normalize(eye - world);
    if (two_sided > 0.5 && dot(N, V) < 0.0) N = -N;
    vec3 albedo = pow(texel.rgb, vec3(2.2)) * tint;
    float rough = roughness, spec = specular, soft = softness;
    if (bump > 0.0) {
        vec2 at = (st - window.xy) / window.z;
        vec2 edge = smoothstep(0.0, 0.08, at) * smoothstep(0.0, 0.08, 1.0 - at);
        float inside_window = edge.x * edge.y;
        vec4 detail = texture(detail_map, at.yx);
        albedo *= mix(vec3(1.0), detail.rgb, inside_window);
        float worn = smoothstep(0.0, 0.004, weave);
        // Height to normal from screen-space derivatives (no tangents needed).
        vec3 dx = dFdx(world), dy = dFdy(world);
        vec2 ux = dFdx(at), uy = dFdy(at);
        float h = detail.a;
        float hx = (texture(detail_map, (at + ux).yx).a - h) * bump * inside_window * (1.0 - worn);
        float hy = (texture(detail_map, (at + uy).yx).a - h) * bump * inside_window * (1.0 - worn);
        vec3 r1 = cross(dy, N), r2 = cross(N, dx);
        float det = dot(dx, r1);
        vec3 gradient = sign(det) * (hx * r1 + hy * r2);
        vec3 bent = abs(det) * N - gradient;
        N = dot(bent, bent) > 0.0 ? normalize(bent) : N;
        albedo *= mix(1.0, clamp(1.0 + 0.10 * min(h, 0.0), 0.55, 1.0), inside_window);
        // Cloth covers everything below the neckline; its hem is a darker band.
        float knit = 0.94 + 0.06 * sin(world.y * 2600.0) * sin(world.x * 2600.0);
        float hem = 1.0 - 0.35 * (1.0 - smoothstep(0.0, 0.012, weave)) * step(0.0, weave);
        albedo = mix(albedo, garment * knit * hem, worn);
        rough = mix(rough, 0.9, worn); spec = mix(spec, 0.05, worn); soft = mix(soft, 0.25, worn);
    }
    float sky = 0.62 + 0.38 * N.y;
    vec3 colour = albedo * ambient * sky
        + shade(N, V, 0, albedo, rough, spec, soft, lit_share())
        + 0.7 * shade(N, V, 1, albedo, rough, spec, soft, 1.0);
    result = vec4(colour, 1.0);
    figure = creased;
}
"""

SHADOW_VERTEX: Final = """#version 330
in vec3 position; in vec2 uv;
uniform mat4 shadow_projection;
out vec2 st;
void main() {
    st = vec2(uv.x, 1.0 - uv.y);
    gl_Position = shadow_projection * vec4(position, 1.0);
}
"""

SHADOW_FRAGMENT: Final = """#version 330
in vec2 st;
uniform sampler2D colour_map; uniform float cutout;
void main() { if (texture(colour_map, st).a < cutout) discard; }
"""
